import type { LeaseRequest } from "../../ports.ts";
import { type Amount, amountOf } from "./amount.ts";
import { PeerReview } from "./peer-review.ts";
import { NO_PEER_RULES, type PeerRules, peerRules, peerRulesKey } from "./peer-rules.ts";
import type { Identity, Peers } from "./peers.ts";
import { RefusalCodes, Rules, rulesKey } from "./rules.ts";
import { type Strictness, strictnessOf } from "./sharing.ts";

/** A request made ready for the loops over nodes. */
export interface Query {
	request: LeaseRequest;
	amount: Amount;
	priority: number;
	namespace: number;
	strictness: Strictness;
	rules: Rules;
	/** The same on the node to which it is bound: as a pod that is there already, it stays though nothing new may come. */
	here: Rules | undefined;
	peerRules: PeerRules;
	identity: Identity;
	/** Name of the only node that will do, should there be such a node. */
	bound: string | undefined;
}

/** Requests of so many kinds keep what was worked out about every node; of the others it is worked out anew. */
const RULES_KEPT = 256;
/** So much is remembered at least before what is out of use is forgotten. */
const KNOWN_AT_LEAST = 4_096;
/** Of rules that are not remembered. */
const REVIEWED = -1;

/** Requests that ask for the same share what was worked out about it. */
export class Queries {
	readonly codes = new RefusalCodes();
	readonly #peers: Peers;
	readonly #rules = new Map<string, Rules>();
	/** The most recently used last. */
	readonly #kept = new Set<Rules>();
	readonly #peerRules = new Map<string, PeerRules>();
	/** From 1: 0 is nobody's. */
	readonly #namespaces = new Map<string, number>();
	#mostKnown = KNOWN_AT_LEAST;
	readonly #byRequest = new WeakMap<LeaseRequest, { query: Query; generation: number }>();

	constructor(peers: Peers) {
		this.#peers = peers;
	}

	/** At least half of what is remembered is of requests that are gone, or were never there. */
	get isFull(): boolean {
		return this.#size > this.#mostKnown;
	}

	/** All that is remembered is in use. */
	begin(): void {
		this.#mostKnown = Math.max(KNOWN_AT_LEAST, 2 * this.#size);
	}

	get #size(): number {
		return this.#rules.size + this.#peerRules.size + this.#peers.size;
	}

	/** @param request never changed afterwards: what is worked out about it is kept with the object */
	of(request: LeaseRequest): Query {
		const known = this.#byRequest.get(request);
		if (known?.generation === this.#peers.generation) return known.query;
		const rules = this.#rulesOf(request);
		// Before the identity: terms that look at a new label tell more sessions apart.
		const peers = this.#peerRulesOf(request);
		const here = request.workspaceBound ? this.#rulesOf(staying(request)) : undefined;
		const query = this.#query(request, { rules, here }, peers, this.#peers.identityOf(request));
		this.#byRequest.set(request, { query, generation: this.#peers.generation });
		return query;
	}

	/** The same for a request that is only looked at and never placed: nothing that it asks for is remembered. */
	review(request: LeaseRequest): Query {
		const known = this.#byRequest.get(request);
		if (known?.generation === this.#peers.generation) return known.query;
		const rules = this.#rules.get(rulesKey(request)) ?? new Rules(REVIEWED, request, this.codes);
		const key = peerRulesKey(request);
		const review = new PeerReview(this.#peers, request.session);
		const peers = key === undefined ? NO_PEER_RULES : (this.#peerRules.get(key) ?? peerRules(REVIEWED, request, review));
		const here = request.workspaceBound ? new Rules(REVIEWED, staying(request), this.codes) : undefined;
		return this.#query(request, { rules, here }, peers, review.identityOf(request));
	}

	#query(request: LeaseRequest, { rules, here }: Pick<Query, "rules" | "here">, peerRules: PeerRules, identity: Identity): Query {
		return {
			request,
			amount: amountOf(request),
			priority: request.priority ?? 0,
			namespace: this.namespace(request.namespace),
			strictness: strictnessOf(request.isolation),
			...{ rules, here, peerRules, identity },
			bound: request.workspaceBound ? request.workspaceNode : undefined,
		};
	}

	namespace(name: string): number {
		const known = this.#namespaces.get(name);
		if (known !== undefined) return known;
		this.#namespaces.set(name, this.#namespaces.size + 1);
		return this.#namespaces.size;
	}

	/** What is worked out about nodes for these rules will be used: others may have to make room for it. */
	use(rules: Rules): void {
		if (rules.id === REVIEWED) return;
		this.#kept.delete(rules);
		this.#kept.add(rules);
		if (this.#kept.size <= RULES_KEPT) return;
		const [oldest] = this.#kept;
		if (!oldest) return;
		this.#kept.delete(oldest);
		oldest.drop();
	}

	#rulesOf(request: LeaseRequest): Rules {
		const key = rulesKey(request);
		const known = this.#rules.get(key);
		if (known) return known;
		const rules = new Rules(this.#rules.size, request, this.codes);
		this.#rules.set(key, rules);
		return rules;
	}

	#peerRulesOf(request: LeaseRequest): PeerRules {
		const key = peerRulesKey(request);
		if (key === undefined) return NO_PEER_RULES;
		const known = this.#peerRules.get(key);
		if (known) return known;
		const rules = peerRules(this.#peerRules.size + 1, request, this.#peers);
		this.#peerRules.set(key, rules);
		return rules;
	}
}

/** Taints that keep newcomers off, a cordon's among them, do not count for who is there already; NoExecute does. */
function staying(request: LeaseRequest): LeaseRequest {
	return { ...request, tolerations: [...(request.tolerations ?? []), { operator: "Exists", effect: "NoSchedule" }] };
}

/** The same for requests that the same nodes refuse, apart from how much they ask for. */
export function kindOf({ rules, peerRules: { id }, identity, namespace, strictness, priority, bound = "" }: Query): string {
	return `${rules.id} ${id} ${identity.id} ${namespace} ${strictness} ${priority} ${bound}`;
}
