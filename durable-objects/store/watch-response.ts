import type { WatchRequest } from "../../src/api/request.ts";
import { ApiError } from "../../src/api/status.ts";
import { renderEvent } from "../../src/api/watch-event.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import type { Committed } from "./change-log.ts";
import { matcher, readVersion, tooLarge } from "./listing.ts";
import type { Pulse } from "./pulse.ts";
import { type Call, shown } from "./resource-server.ts";
import { tooOld, type WatchEvent, watchEvents } from "./watch.ts";

/** As in Kubernetes a watch that names no end is ended at random between half an hour and an hour. */
const SHORTEST_DEFAULT_MS = 1_800_000;

/** Lines that were rendered for one watcher serve all who look at the same change in the same way. */
const LINES = new WeakMap<Committed, Map<string, string>>();

/** The stream of a watch. @throws ApiError when it cannot begin */
export function watchResponse<Extra>(
	call: Call<Extra>,
	{ watch, as, includeObject }: WatchRequest,
	pulse: Pulse,
	signals: { gone: AbortSignal; closing: AbortSignal },
): Response {
	const { owner, kind, stored } = call;
	const { store } = owner;
	const matches = matcher(call, watch);
	const version = watch.resourceVersion ? readVersion(watch.resourceVersion) : 0;
	if (version > store.version()) throw tooLarge(version, store.version());
	const from = version === 0 || watch.sendInitialEvents ? undefined : version;
	if (from !== undefined && store.log.after(from, store.version(), 1, stored.plural) === undefined) throw new ApiError(tooOld(from));
	const abort = new AbortController();
	const events = watchEvents(
		{
			pulse,
			newest: () => store.version(),
			after: (after, newest, limit) => store.log.after(after, newest, limit, stored.plural),
			pages: () => store.pages(stored.plural),
			now: owner.now,
		},
		{
			plural: stored.plural,
			matches: (object) => matches(shown(call, object)),
			from,
			bookmarks: watch.allowWatchBookmarks,
			markInitial: watch.sendInitialEvents && watch.allowWatchBookmarks,
			timeoutMs: watch.timeoutSeconds ? watch.timeoutSeconds * 1000 : SHORTEST_DEFAULT_MS * (1 + owner.random()),
			signal: AbortSignal.any([signals.gone, abort.signal]),
			closing: signals.closing,
		},
	);
	let first = true;
	const line = (event: WatchEvent): string => {
		const head = first;
		first = false;
		const key = `${event.type} ${kind.group}/${kind.plural} ${as} ${includeObject}`;
		const change = "change" in event && !head ? event.change : undefined;
		const known = change && LINES.get(change)?.get(key);
		if (known !== undefined) return known;
		const rendered = `${JSON.stringify(renderEvent(kind, presented(call, event), { as, includeObject, first: head, now: owner.now() }))}\n`;
		if (change) remember(change, key, rendered);
		return rendered;
	};
	return new Response(
		streamOf(events, line, () => abort.abort()),
		{ headers: { "Content-Type": "application/json" } },
	);
}

function presented<Extra>(call: Call<Extra>, event: WatchEvent) {
	if (event.type === "BOOKMARK" || event.type === "ERROR") return event;
	const object: BaseResource = shown(call, event.object);
	return { type: event.type, object };
}

function remember(change: Committed, key: string, line: string): void {
	const lines = LINES.get(change) ?? new Map<string, string>();
	lines.set(key, line);
	LINES.set(change, lines);
}

/** As fast as the reader takes it: what is waiting is in the log, not in memory. */
function streamOf(
	events: AsyncGenerator<WatchEvent[], void, undefined>,
	line: (event: WatchEvent) => string,
	stop: () => void,
): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream<Uint8Array>({
		async pull(controller) {
			try {
				const { done, value } = await events.next();
				if (done) controller.close();
				else controller.enqueue(encoder.encode(value.map(line).join("")));
			} catch (error) {
				stop();
				controller.error(error);
			}
		},
		async cancel() {
			stop();
			await events.return(undefined);
		},
	});
}
