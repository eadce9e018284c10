import type { LeaseRequest } from "../../ports.ts";
import { type Peer, PeerSelector } from "./peer-selector.ts";
import { Topology } from "./topology.ts";
import type { SchedulerNode } from "./types.ts";

const MOST_TERMS = 8_192;
const MOST_IDENTITIES = 65_536;

/** How many sessions that match every selector are on which node. */
export interface Tally {
	selectors: readonly PeerSelector[];
	byNode: Map<number, number>;
}

/** What sessions that are placed say of those that come: required anti-affinity, or a preference with its weight. */
export interface Claim {
	selector: PeerSelector;
	topology: Topology;
	/** A node near such a session is refused; otherwise it counts by weight. */
	required: boolean;
	/** Weights of those who say so, by their node. */
	byNode: Map<number, number>;
}

/** A session as the terms of others see it. Sessions that no term can tell apart are one. */
export interface Identity extends Peer {
	/** Tells requests that are alike. */
	id: number;
	tallies: Tally[];
	claims: Claim[];
	seenTallies: number;
	seenClaims: number;
}

/** Somebody who is placed. */
export interface PlacedPeer {
	identity: Identity;
	number: number;
}

/** Who is where, as far as anybody's affinity or spreading asks for it. */
export class Peers {
	/** Rises when sessions must be told apart by one more label: every {@link Identity} from before is void. */
	generation = 0;
	readonly #topologies = new Map<string, Topology>();
	readonly #selectors = new Map<string, PeerSelector>();
	readonly #tallies = new Map<string, Tally>();
	readonly #claims = new Map<string, Claim>();
	/** In the order in which they were made, for identities to catch up. */
	readonly #tallyList: Tally[] = [];
	readonly #claimList: Claim[] = [];
	readonly #labelKeys: string[] = [];
	#identities = new Map<string, Identity>();
	#lastIdentity = 0;
	readonly #nodes: () => readonly (SchedulerNode | undefined)[];
	readonly #placed: () => Iterable<PlacedPeer>;
	readonly #regenerated: () => void;

	/** @param regenerated told when every {@link Identity} is void: those who are placed need theirs anew, at once */
	constructor(nodes: () => readonly (SchedulerNode | undefined)[], placed: () => Iterable<PlacedPeer>, regenerated: () => void) {
		this.#nodes = nodes;
		this.#placed = placed;
		this.#regenerated = regenerated;
	}

	identityOf({ namespace, labels = {} }: Pick<LeaseRequest, "namespace" | "labels">): Identity {
		let key = namespace;
		for (const name of this.#labelKeys) key += `\u0000${Object.hasOwn(labels, name) ? labels[name] : "\u0001"}`;
		const known = this.#identities.get(key);
		if (known) return known;
		const identity = { id: ++this.#lastIdentity, namespace, labels, tallies: [], claims: [], seenTallies: 0, seenClaims: 0 };
		this.#identities.set(key, identity);
		return identity;
	}

	selector(namespaces: readonly string[], spec: LeaseSelector): PeerSelector {
		const made = new PeerSelector(namespaces, spec);
		const known = this.#selectors.get(made.key);
		if (known) return known;
		this.#selectors.set(made.key, made);
		const fresh = made.labelKeys.filter((key) => !this.#labelKeys.includes(key));
		if (fresh.length > 0) {
			this.#labelKeys.push(...new Set(fresh));
			this.#identities = new Map();
			this.generation += 1;
			this.#regenerated();
		}
		return made;
	}

	topology(key: string): Topology {
		const known = this.#topologies.get(key);
		if (known) return known;
		const topology = new Topology(key);
		for (const [number, node] of this.#nodes().entries()) topology.put(number, node);
		this.#topologies.set(key, topology);
		return topology;
	}

	tally(selectors: readonly PeerSelector[]): Tally {
		const key = selectors.map((selector) => selector.key).join("\n");
		const known = this.#tallies.get(key);
		if (known) return known;
		const tally: Tally = { selectors, byNode: new Map() };
		const matching = new Map<Identity, boolean>();
		for (const { identity, number } of this.#placed()) {
			const matches = matching.get(identity) ?? selectors.every((selector) => selector.matches(identity));
			matching.set(identity, matches);
			if (matches) add(tally.byNode, number, 1);
		}
		this.#tallies.set(key, tally);
		this.#tallyList.push(tally);
		return tally;
	}

	/** What was remembered of terms and labels that are long gone weighs more than to begin anew. */
	get isFull(): boolean {
		return this.#tallyList.length + this.#claimList.length > MOST_TERMS || this.#identities.size > MOST_IDENTITIES;
	}

	claim(selector: PeerSelector, topology: Topology, required: boolean): Claim {
		const key = JSON.stringify([selector.key, topology.key, required]);
		const known = this.#claims.get(key);
		if (known) return known;
		const claim: Claim = { selector, topology, required, byNode: new Map() };
		this.#claims.set(key, claim);
		this.#claimList.push(claim);
		return claim;
	}

	/** The claims that those who are placed have on such a session. */
	claimsOn(identity: Identity): readonly Claim[] {
		for (; identity.seenClaims < this.#claimList.length; identity.seenClaims++) {
			const claim = this.#claimList[identity.seenClaims];
			if (claim?.selector.matches(identity)) identity.claims.push(claim);
		}
		return identity.claims;
	}

	put(number: number, node: SchedulerNode | undefined): void {
		for (const topology of this.#topologies.values()) topology.put(number, node);
	}

	/** @param times 1: such a session comes, -1: it goes */
	count(identity: Identity, number: number, times: 1 | -1): void {
		for (; identity.seenTallies < this.#tallyList.length; identity.seenTallies++) {
			const tally = this.#tallyList[identity.seenTallies];
			if (tally?.selectors.every((selector) => selector.matches(identity))) identity.tallies.push(tally);
		}
		for (const tally of identity.tallies) add(tally.byNode, number, times);
	}
}

type LeaseSelector = ConstructorParameters<typeof PeerSelector>[1];

export function add(byNode: Map<number, number>, number: number, count: number): void {
	const sum = (byNode.get(number) ?? 0) + count;
	if (sum === 0) byNode.delete(number);
	else byNode.set(number, sum);
}
