import { encodeMergedVersion, laterVersion, type MergedVersion } from "../../api/merged-version.ts";

/** What of an event of a namespace the merging looks at. */
interface EventHead {
	type: string;
	resourceVersion: string | undefined;
	initialEventsEnd: boolean;
}

/** What comes of the lines of one namespace. */
export interface Merged {
	/** To be sent on. */
	lines: string[];
	/** An `ERROR` was among them: that is the end of the watch. */
	failed: boolean;
	/** With these lines the last namespace has shown what it had at the beginning. */
	initialEventsEnd: boolean;
}

/**
 * Where a watch of all namespaces stands. Namespaces' own bookmarks are kept to themselves: what a client can go on
 * from is the version of all of them.
 */
export class WatchMerge {
	readonly #versions: Map<string, string>;
	/** Namespaces that still show what they had at the beginning. */
	readonly #initial: Set<string>;
	#bookmarked: string | undefined;

	constructor(versions: MergedVersion, initial: Iterable<string>) {
		this.#versions = new Map(versions);
		this.#initial = new Set(initial);
	}

	get version(): string {
		return encodeMergedVersion(this.#versions);
	}

	take(namespace: string, lines: readonly string[]): Merged {
		const merged: Merged = { lines: [], failed: false, initialEventsEnd: false };
		for (const line of lines) {
			const { type, resourceVersion, initialEventsEnd } = headOf(line);
			if (resourceVersion !== undefined && type !== "ERROR") {
				this.#versions.set(namespace, laterVersion(this.#versions.get(namespace) ?? "", resourceVersion));
			}
			if (initialEventsEnd && this.#initial.delete(namespace) && this.#initial.size === 0) merged.initialEventsEnd = true;
			if (type !== "BOOKMARK") merged.lines.push(line);
			if (type !== "ERROR") continue;
			merged.failed = true;
			break;
		}
		return merged;
	}

	/** A namespace is gone. Whether it was the last whose beginning was waited for. */
	forget(namespace: string): boolean {
		this.#versions.delete(namespace);
		return this.#initial.delete(namespace) && this.#initial.size === 0;
	}

	/** The version for a bookmark; `undefined` when the last one said it, or the beginning is not over. */
	bookmark(): string | undefined {
		const { version } = this;
		if (this.#initial.size > 0 || version === this.#bookmarked) return undefined;
		this.#bookmarked = version;
		return version;
	}
}

function headOf(line: string): EventHead {
	const event: unknown = JSON.parse(line);
	const type = property(event, "type");
	const metadata = property(property(event, "object"), "metadata");
	const resourceVersion = property(metadata, "resourceVersion");
	return {
		type: typeof type === "string" ? type : "",
		resourceVersion: typeof resourceVersion === "string" && resourceVersion !== "" ? resourceVersion : undefined,
		initialEventsEnd: type === "BOOKMARK" && line.includes(INITIAL_EVENTS_END),
	};
}

/** The annotation of the bookmark after what was there first; a Table carries it further in. */
const INITIAL_EVENTS_END = '"k8s.io/initial-events-end":"true"';

function property(value: unknown, name: string): unknown {
	return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
