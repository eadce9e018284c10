import type { Authorizer } from "../../src/api/rbac/authorizer.ts";
import type { Policy } from "../../src/api/rbac/policy.ts";
import type { Env } from "../../src/env.ts";
import type { IssuedToken, NamespaceStanding, TokenOrder } from "../cluster/ports.ts";
import { clusterOf, lastPart } from "../names.ts";
import type { AuditEntry } from "../store/audit-log.ts";
import { strangerAuthorizer } from "./local-policy.ts";

/** What is kept of how a namespace stands; absent while it does not exist. */
interface Kept {
	uid: string;
	phase: "Active" | "Terminating";
	policy: Policy;
}

const KEPT = "membership";

/** How a namespace stands in its cluster: whether it exists, who may do what everywhere, and with what it seals secrets. */
export class Membership {
	readonly cluster: string;
	readonly namespace: string;
	readonly #ctx: DurableObjectState;
	readonly #env: Env;
	#kept: Kept | undefined;
	/** For a namespace that does not exist. */
	#policy: Policy | undefined;
	#key: Uint8Array | undefined;
	#strangers: Authorizer | undefined;
	#fresh = false;

	constructor(ctx: DurableObjectState, env: Env) {
		this.#ctx = ctx;
		this.#env = env;
		this.cluster = clusterOf(ctx.id);
		this.namespace = lastPart(ctx.id);
	}

	/**
	 * Learns how things stand, when the object wakes. Of a namespace that does not exist nothing is read: whoever asks for
	 * names that there are not would leave a file for each.
	 */
	async wake(): Promise<void> {
		try {
			await this.refresh();
		} catch (error) {
			console.warn(`namespace ${this.namespace}: its cluster could not be asked, it goes by what it was told last`, error);
			this.#kept = this.#ctx.storage.kv.get<Kept>(KEPT);
		}
	}

	/** Whether the namespace exists, as far as it was told. */
	get known(): boolean {
		return this.#kept !== undefined;
	}

	get uid(): string | undefined {
		return this.#kept?.uid;
	}

	get phase(): "Active" | "Terminating" {
		return this.#kept?.phase ?? "Active";
	}

	get policy(): Policy {
		return this.#kept?.policy ?? this.#policy ?? { version: 0, clusterRoles: {}, clusterRoleBindings: [] };
	}

	/** Never on this object's own disk, which has what is sealed with it. */
	get key(): Uint8Array | undefined {
		return this.#key;
	}

	/** Who decides about a namespace that does not exist. */
	strangers(): Authorizer | undefined {
		if (!this.#policy) return undefined;
		this.#strangers ??= strangerAuthorizer(this.#policy, this.namespace);
		return this.#strangers;
	}

	/** Whether the cluster was asked since the object woke: what is kept may be older than what it was to be told. */
	get fresh(): boolean {
		return this.#fresh;
	}

	/** Asks the cluster. @returns whether the policy is another one than before */
	async refresh(): Promise<boolean> {
		const standing: NamespaceStanding = await this.#stub().policy(this.namespace);
		this.#fresh = true;
		if (!standing.exists) {
			this.#policy = standing.policy;
			this.#strangers = undefined;
			return false;
		}
		this.#key = standing.key;
		const { uid, policy } = standing;
		this.#kept ??= this.#ctx.storage.kv.get<Kept>(KEPT);
		// What is kept is of a namespace of the same name that is gone, and was not told in time.
		if (this.#kept && this.#kept.uid !== uid) await this.#forget();
		const before = this.#kept;
		const phase = before?.uid === uid && before.phase === "Terminating" ? "Terminating" : standing.phase;
		if (before?.uid === uid && before.phase === phase && before.policy.version >= policy.version) return false;
		this.#keep({ uid, phase, policy });
		return true;
	}

	/** @returns `false` for a policy that is not news */
	setPolicy(policy: Policy): boolean {
		if (!this.#kept || this.#kept.policy.version >= policy.version) return false;
		this.#keep({ ...this.#kept, policy });
		return true;
	}

	async loadKey(): Promise<void> {
		if (!this.#key) await this.refresh();
	}

	terminate(): void {
		if (this.#kept) this.#keep({ ...this.#kept, phase: "Terminating" });
	}

	/** Nothing is left: the cluster is told, and everything is forgotten but what was done here, which the cluster keeps. Nobody is served meanwhile. */
	gone(records: readonly AuditEntry[]): Promise<void> {
		return this.#ctx.blockConcurrencyWhile(async () => {
			if (!this.#kept) return;
			await this.#stub().recordAll(records);
			// In this order: while anything is kept there is an alarm that comes here again.
			await this.#stub().namespaceEmptied(this.namespace, this.#kept.uid);
			await this.#forget();
			this.#key = undefined;
		});
	}

	async #forget(): Promise<void> {
		await this.#ctx.storage.deleteAlarm();
		await this.#ctx.storage.deleteAll();
		this.#kept = undefined;
	}

	signToken(order: TokenOrder): Promise<IssuedToken> {
		return this.#stub().signToken(order);
	}

	/** Records what was denied, with the cluster: what does not exist has no records of its own. */
	async denied(entry: AuditEntry): Promise<void> {
		try {
			await this.#stub().record(entry);
		} catch (error) {
			console.error(`namespace ${this.namespace}: a denied request could not be recorded`, error);
		}
	}

	#keep(kept: Kept): void {
		this.#kept = kept;
		this.#policy = undefined;
		this.#ctx.storage.kv.put(KEPT, kept);
	}

	#stub() {
		return this.#env.CLUSTER.getByName(this.cluster);
	}
}
