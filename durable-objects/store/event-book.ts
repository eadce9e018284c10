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
/** So many events of one object, type and reason that differ in their words only; those after them within the hour are one. */
const SIMILAR = 50;
/** Objects and reasons of which the events are counted. */
const COUNTED = 1_000;

/** Writes down what happened. What happens again within the hour is counted, not listed. */
export class EventBook {
	readonly #store: ResourceStore;
	/** When to look for expired events next, in milliseconds since the epoch; `undefined`: there are none. */
	#sweepAt: number | undefined;
	/** New events of an object, type and reason. In memory: after a restart there may be as many again. */
	readonly #similar = new Map<string, { count: number; since: number }>();

	constructor(store: ResourceStore, now: number) {
		this.#store = store;
		if (store.names("events", 1).length > 0) this.#sweepAt = now;
	}

	/** The event to put, for a commit. */
	noted(note: EventNote, namespace: string, uid: () => string, now: number): Event {
		this.#sweepAt ??= now + EVENT_TTL_MS;
		const { metadata, apiVersion, kind } = note.regarding;
		const own = nameOf(note, note.note);
		const isOneOfMany = !this.#live(own, now) && this.#hasMany(note, now);
		const name = isOneOfMany ? nameOf(note, null) : own;
		const message = isOneOfMany ? `(combined from similar events): ${note.note}` : note.note;
		const known = this.#live(name, now);
		const time = timestamp(now);
		const { count = 1 } = note;
		if (known) return { ...known, message, count: (known.count ?? 1) + count, lastTimestamp: time };
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
			message,
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

	#live(name: string, now: number): Event | undefined {
		const event = this.#store.get<Event>("events", name);
		return event && !expired(event, now) ? event : undefined;
	}

	/** One more of its kind is there, and there were too many: Kubernetes combines such events, too. */
	#hasMany({ regarding, type, reason }: EventNote, now: number): boolean {
		const key = canonicalJson([regarding.metadata.uid, type, reason]);
		const known = this.#similar.get(key);
		const counted = known && now - known.since < EVENT_TTL_MS ? { ...known, count: known.count + 1 } : { count: 1, since: now };
		// Those that go on are the last to be forgotten.
		this.#similar.delete(key);
		this.#similar.set(key, counted);
		const [oldest] = this.#similar.keys();
		if (this.#similar.size > COUNTED && oldest !== undefined) this.#similar.delete(oldest);
		return counted.count > SIMILAR;
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

/** @param words absent: of those that are combined */
function nameOf({ regarding, type, reason, action }: EventNote, words: string | null): string {
	return `${regarding.metadata.name}.${specDigest(canonicalJson([regarding.metadata.uid, type, reason, words, action]))}`;
}

function expired({ lastTimestamp, eventTime, metadata }: Event, now: number): boolean {
	return now - Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp) >= EVENT_TTL_MS;
}
