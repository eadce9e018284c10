import type { WatchRequest } from "../../api/request.ts";
import type { Cause } from "../../api/status.ts";
import { selectors } from "./list-options.ts";
import { flag, forbidden, integer, notSupported, type Query, refuseOptions, text } from "./query.ts";

export type WatchOptions = WatchRequest["watch"];

const NOT_OLDER = "NotOlderThan";

export function wantsWatch(query: Query): boolean {
	return flag(query, "watch") ?? false;
}

/** @throws ApiError 400 or 422 in Kubernetes' words */
export function watchOptions(query: Query): WatchOptions {
	const resourceVersion = text(query, "resourceVersion");
	const sendInitialEvents = flag(query, "sendInitialEvents");
	const timeoutSeconds = integer(query, "timeoutSeconds");
	refuseOptions("ListOptions", watchCauses(query, sendInitialEvents));
	return {
		...selectors(query),
		...(resourceVersion !== undefined && { resourceVersion }),
		...(timeoutSeconds !== undefined && timeoutSeconds > 0 && { timeoutSeconds }),
		allowWatchBookmarks: flag(query, "allowWatchBookmarks") ?? false,
		sendInitialEvents: sendInitialEvents ?? false,
	};
}

function watchCauses(query: Query, sendInitialEvents: boolean | undefined): Cause[] {
	const match = text(query, "resourceVersionMatch");
	const causes: Cause[] = [];
	const refuse = (why: string) => causes.push(forbidden("resourceVersionMatch", why));
	if (sendInitialEvents !== undefined && match !== NOT_OLDER) {
		refuse(`sendInitialEvents requires setting resourceVersionMatch to ${NOT_OLDER}`);
	}
	if (match === undefined) return causes;
	if (sendInitialEvents === undefined) refuse("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
	if (match !== NOT_OLDER) causes.push(notSupported("resourceVersionMatch", JSON.stringify(match.slice(0, 100)), [NOT_OLDER]));
	if (text(query, "continue") !== undefined) refuse("resourceVersionMatch is forbidden when continue is provided");
	return causes;
}
