/**
 * What a Cluster, its Namespaces and other Clusters say to each other, as plain data over RPC. Every call may be repeated.
 */
import type { Decision } from "../../src/api/rbac/authorizer.ts";
import type { Policy } from "../../src/api/rbac/policy.ts";
import type { Attributes, Caller } from "../../src/api/request.ts";
import type { TokenRequest } from "../../src/api/tokens/claims.ts";

/** What a namespace must know of itself. Also a namespace that is not there has a policy, so that strangers meet the same refusal. */
export type NamespaceStanding = { policy: Policy } & (
	| { exists: false }
	| {
			exists: true;
			uid: string;
			phase: "Active" | "Terminating";
			/** 32 bytes that its secrets are encrypted with. */
			key: Uint8Array<ArrayBuffer>;
	  }
);

/** What a ServiceAccount's token is to say; the Cluster adds the rest. */
export type TokenOrder = Omit<TokenRequest, "cluster" | "now" | "id">;

export interface IssuedToken {
	token: string;
	/** RFC 3339. */
	expirationTimestamp: string;
}

/** What a Cluster asks of a Namespace. */
export interface NamespacePort {
	/** A newer policy than it may have; an older one is ignored. */
	setPolicy(policy: Policy): Promise<void>;
	/**
	 * Delete everything, and say `namespaceEmptied(namespace, uid)` to the Cluster when nothing is left, again and again
	 * until that is answered. Returns as soon as that is certain to happen.
	 */
	terminate(uid: string): Promise<void>;
	/** By its own roles and those of the cluster. */
	authorize(caller: Caller, attributes: Attributes): Promise<Decision>;
}
