import { canonicalJson, specDigest } from "../../src/resources/digest.ts";
import type { Event } from "../../src/resources/event/kind.ts";
import { timestamp } from "../../src/resources/resource.ts";
import type { EventNote } from "./decision.ts";
import type { ResourceStore } from "./resource-store.ts";

/** As in Kubernetes. */
export const EVENT_TTL_MS = 3_600_000;
/** How often, at most, expired events are looked for. */
const SWEEP_MS = 600_000;
const COMPONENT = "klaw";

/** Writes down what happened. What happens again within the hour is counted, not listed. */
export class EventBook {
	readonly #store: ResourceStore;
	/** When to look for expired events next, in milliseconds since the epoch; `undefined`: there are none. */
	#sweepAt: number | undefined;

	constructor(store: ResourceStore, now: number) {
		this.#store = store;
		if (store.names("events", 1).length > 0) this.#sweepAt = now;
	}

	/** The event to put, for a commit. */
	noted(note: EventNote, namespace: string, uid: () => string, now: number): Event {
		this.#sweepAt ??= now + EVENT_TTL_MS;
		const { metadata, apiVersion, kind } = note.regarding;
		const key = canonicalJson([metadata.uid, note.type, note.reason, note.note, note.action]);
		const name = `${metadata.name}.${specDigest(key)}`;
		const known = this.#store.get<Event>("events", name);
		const time = timestamp(now);
		const { count = 1 } = note;
		if (known && !expired(known, now)) return { ...known, count: (known.count ?? 1) + count, lastTimestamp: time };
		return {
			apiVersion: "v1",
			kind: "Event",
			metadata: { name, namespace, uid: uid(), resourceVersion: "", creationTimestamp: time },
			involvedObject: {
				apiVersion,
				kind,
				name: metadata.name,
				uid: metadata.uid,
				...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
				...(metadata.resourceVersion !== "" && { resourceVersion: metadata.resourceVersion }),
			},
			reason: note.reason,
			message: note.note,
			type: note.type,
			...(note.action !== "" && { action: note.action }),
			count,
			firstTimestamp: time,
			lastTimestamp: time,
			source: { component: COMPONENT },
			reportingComponent: COMPONENT,
			reportingInstance: "",
		};
	}

	/** Names of the events that have expired; looks for them no more often than it is worth. */
	expired(now: number): string[] {
		if (this.#sweepAt === undefined || now < this.#sweepAt) return [];
		const names: string[] = [];
		let kept = false;
		for (const event of this.#store.all<Event>("events")) {
			if (expired(event, now)) names.push(event.metadata.name);
			else kept = true;
		}
		this.#sweepAt = kept ? now + SWEEP_MS : undefined;
		return names;
	}
}

function expired({ lastTimestamp, eventTime, metadata }: Event, now: number): boolean {
	return now - Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp) >= EVENT_TTL_MS;
}
