import type { LeaseRequest } from "../../ports.ts";
import { type Peer, PeerSelector } from "./peer-selector.ts";
import { Topology } from "./topology.ts";
import type { SchedulerNode } from "./types.ts";

/** A term costs whenever a session is looked at for the first time, an identity nearly nothing. */
const TERM_SIZE = 8;

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
	request: LeaseRequest;
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
	readonly #labelKeys = new Set<string>();
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
		// By the labels that it has, not by those that are asked about: a tenant can ask about thousands.
		const told = Object.keys(labels).filter((name) => this.#labelKeys.has(name));
		const key = [namespace, ...told.sort().map((name) => `${name}\u0001${labels[name]}`)].join("\u0000");
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
		this.tellApart(made.labelKeys);
		return made;
	}

	/** Everybody who is placed is looked at anew for labels that are asked about for the first time: best all of them at once. */
	tellApart(labelKeys: readonly string[]): void {
		const fresh = labelKeys.filter((key) => !this.#labelKeys.has(key));
		if (fresh.length === 0) return;
		for (const key of fresh) this.#labelKeys.add(key);
		this.#identities = new Map();
		this.generation += 1;
		this.#regenerated();
	}

	topology(key: string): Topology {
		const topology = this.reviewedTopology(key);
		this.#topologies.set(key, topology);
		return topology;
	}

	/** The same, and not remembered. */
	reviewedTopology(key: string): Topology {
		const known = this.#topologies.get(key);
		if (known) return known;
		const topology = new Topology(key);
		for (const [number, node] of this.#nodes().entries()) topology.put(number, node);
		return topology;
	}

	tally(selectors: readonly PeerSelector[]): Tally {
		const key = tallyKey(selectors);
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

	/** The same, and not remembered. @param except a session that is not counted, wherever it is */
	reviewedTally(selectors: readonly PeerSelector[], except: string): Tally {
		const known = this.#tallies.get(tallyKey(selectors));
		if (known) return known;
		const byNode = new Map<number, number>();
		for (const { request, number } of this.#placed()) {
			// Those of one identity may differ by labels that nobody has asked about yet.
			const peer = { namespace: request.namespace, labels: request.labels ?? {} };
			if (request.session !== except && selectors.every((selector) => selector.matches(peer))) add(byNode, number, 1);
		}
		return { selectors, byNode };
	}

	/** How much is remembered, in identities. */
	get size(): number {
		const terms = this.#tallyList.length + this.#claimList.length + this.#labelKeys.size + this.#topologies.size;
		return this.#identities.size + TERM_SIZE * terms;
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

function tallyKey(selectors: readonly PeerSelector[]): string {
	return selectors.map((selector) => selector.key).join("\n");
}

export function add(byNode: Map<number, number>, number: number, count: number): void {
	const sum = (byNode.get(number) ?? 0) + count;
	if (sum === 0) byNode.delete(number);
	else byNode.set(number, sum);
}
