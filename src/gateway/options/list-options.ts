import type { ListOptions, Selectors } from "../../api/request.ts";
import type { Cause } from "../../api/status.ts";
import { flag, forbidden, integer, notSupported, type Query, refuseOptions, text } from "./query.ts";

const EXACT = "Exact";
const NOT_OLDER = "NotOlderThan";

/** @throws ApiError 400 or 422 in Kubernetes' words */
export function listOptions(query: Query): ListOptions {
	const match = text(query, "resourceVersionMatch");
	const resourceVersion = text(query, "resourceVersion");
	const token = text(query, "continue");
	const limit = integer(query, "limit");
	const causes = match === undefined ? [] : matchCauses(match, resourceVersion, token);
	if (flag(query, "sendInitialEvents") !== undefined)
		causes.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
	refuseOptions("ListOptions", causes);
	return {
		...selectors(query),
		...(limit !== undefined && limit > 0 && { limit }),
		...(token !== undefined && { continue: token }),
		...(resourceVersion !== undefined && { resourceVersion }),
		...((match === EXACT || match === NOT_OLDER) && { resourceVersionMatch: match }),
	};
}

export function selectors(query: Query): Selectors {
	const labelSelector = text(query, "labelSelector");
	const fieldSelector = text(query, "fieldSelector");
	return { ...(labelSelector !== undefined && { labelSelector }), ...(fieldSelector !== undefined && { fieldSelector }) };
}

function matchCauses(match: string, resourceVersion: string | undefined, token: string | undefined): Cause[] {
	const causes: Cause[] = [];
	const refuse = (why: string) => causes.push(forbidden("resourceVersionMatch", why));
	if (resourceVersion === undefined) refuse("resourceVersionMatch is forbidden unless resourceVersion is provided");
	if (token !== undefined) refuse("resourceVersionMatch is forbidden when continue is provided");
	if (match !== EXACT && match !== NOT_OLDER) {
		causes.push(notSupported("resourceVersionMatch", JSON.stringify(match.slice(0, 100)), [EXACT, NOT_OLDER, ""]));
	}
	if (match === EXACT && resourceVersion === "0") refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
	return causes;
}
