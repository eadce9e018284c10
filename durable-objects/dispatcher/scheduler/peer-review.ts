import type { LeaseRequest } from "../../ports.ts";
import { PeerSelector } from "./peer-selector.ts";
import type { Claim, Identity, Peers, Tally } from "./peers.ts";
import type { Topology } from "./topology.ts";

type LeaseSelector = ConstructorParameters<typeof PeerSelector>[1];

/**
 * Who is where, as one request asks for it that is only looked at. Nothing is remembered: anybody who may read can ask
 * about labels that nobody has, and those who schedule must not pay for that ever after.
 */
export class PeerReview {
	readonly #peers: Peers;
	readonly #session: string;
	readonly #topologies = new Map<string, Topology>();

	/** @param session as if it were not placed */
	constructor(peers: Peers, session: string) {
		this.#peers = peers;
		this.#session = session;
	}

	identityOf({ namespace, labels = {} }: LeaseRequest): Identity {
		return { id: 0, namespace, labels, tallies: [], claims: [], seenTallies: 0, seenClaims: 0 };
	}

	/** One request that is looked at need not be told from those that are placed. */
	tellApart(): void {}

	selector(namespaces: readonly string[], spec: LeaseSelector): PeerSelector {
		return new PeerSelector(namespaces, spec);
	}

	topology(key: string): Topology {
		const topology = this.#topologies.get(key) ?? this.#peers.reviewedTopology(key);
		this.#topologies.set(key, topology);
		return topology;
	}

	tally(selectors: readonly PeerSelector[]): Tally {
		return this.#peers.reviewedTally(selectors, this.#session);
	}

	/** Who is not placed claims nothing. */
	claim(selector: PeerSelector, topology: Topology, required: boolean): Claim {
		return { selector, topology, required, byNode: new Map() };
	}
}
