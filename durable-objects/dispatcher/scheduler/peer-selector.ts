import type { LabelSelector } from "../../../src/api/selectors/label-selector.ts";
import { selectorOfObject } from "../../../src/api/selectors/label-selector-object.ts";
import type { LabelSelectorSpec } from "../../../src/resources/label-selector.ts";

/** What a session is to the affinity of others. */
export interface Peer {
	namespace: string;
	labels: Readonly<Record<string, string>>;
}

/** Which sessions a term means. */
export class PeerSelector {
	/** The same for the same sessions. */
	readonly key: string;
	/** Labels that it looks at. */
	readonly labelKeys: readonly string[];
	readonly #namespaces: ReadonlySet<string>;
	readonly #selector: LabelSelector | undefined;

	/** @param selector absent: no session at all, as in Kubernetes; empty: every session of the namespaces */
	constructor(namespaces: readonly string[], selector: LabelSelectorSpec | undefined) {
		this.key = JSON.stringify([[...namespaces].sort(), selector]);
		this.#namespaces = new Set(namespaces);
		this.#selector = selector && selectorOfObject(selector);
		this.labelKeys = this.#selector?.requirements.map(({ key }) => key) ?? [];
	}

	matches({ namespace, labels }: Peer): boolean {
		return this.#selector !== undefined && this.#namespaces.has(namespace) && this.#selector.matches(labels);
	}
}
