import type { LeaseRequest } from "../../ports.ts";
import { type Amount, amountOf } from "./amount.ts";
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
	peerRules: PeerRules;
	identity: Identity;
	/** Name of the only node that will do, should there be such a node. */
	bound: string | undefined;
}

/** Requests of so many kinds keep what was worked out about every node; of the others it is worked out anew. */
const RULES_KEPT = 256;
const RULES_KNOWN = 8_192;

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
	readonly #byRequest = new WeakMap<LeaseRequest, { query: Query; generation: number }>();

	constructor(peers: Peers) {
		this.#peers = peers;
	}

	/** More kinds are remembered than there can be use for. */
	get isFull(): boolean {
		return this.#rules.size > RULES_KNOWN || this.#peerRules.size > RULES_KNOWN || this.#peers.isFull;
	}

	/** @param request never changed afterwards: what is worked out about it is kept with the object */
	of(request: LeaseRequest): Query {
		const known = this.#byRequest.get(request);
		if (known?.generation === this.#peers.generation) return known.query;
		const rules = this.#rulesOf(request);
		// Before the identity: terms that look at a new label tell more sessions apart.
		const peers = this.#peerRulesOf(request);
		const query: Query = {
			request,
			amount: amountOf(request),
			priority: request.priority ?? 0,
			namespace: this.namespace(request.namespace),
			strictness: strictnessOf(request.isolation),
			rules,
			peerRules: peers,
			identity: this.#peers.identityOf(request),
			bound: request.workspaceBound ? request.workspaceNode : undefined,
		};
		this.#byRequest.set(request, { query, generation: this.#peers.generation });
		return query;
	}

	namespace(name: string): number {
		const known = this.#namespaces.get(name);
		if (known !== undefined) return known;
		this.#namespaces.set(name, this.#namespaces.size + 1);
		return this.#namespaces.size;
	}

	/** What is worked out about nodes for these rules will be used: others may have to make room for it. */
	use(rules: Rules): void {
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

/** The same for requests that the same nodes refuse, apart from how much they ask for. */
export function kindOf({ rules, peerRules: { id }, identity, namespace, strictness, priority, bound = "" }: Query): string {
	return `${rules.id} ${id} ${identity.id} ${namespace} ${strictness} ${priority} ${bound}`;
}
