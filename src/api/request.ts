/**
 * What the gateway asks of the object that owns the data (a Namespace or the Cluster), as plain data over RPC. The
 * object authorizes, admits and answers; the gateway only finds out who asks, reads bodies and renders answers.
 */
import type { BaseResource } from "../resources/resource.ts";
import type { Status } from "./status.ts";
import type { IncludeObject } from "./table.ts";

/** Who sent a request, in Kubernetes' words. */
export interface Caller {
	user: string;
	groups: readonly string[];
	uid?: string;
	/** Who really asked, when this is an impersonation. */
	impersonatedBy?: string;
}

/** A resource as RBAC and URLs name it. */
export interface ResourceRef {
	/** `""` is the core group. */
	group: string;
	version: string;
	plural: string;
	/** `status`, `log`, `token` … */
	subresource?: string;
}

export interface WriteOptions {
	/** Everything but the writing. */
	dryRun: boolean;
	/** Named in `metadata.managedFields`. */
	fieldManager: string;
	fieldValidation: "Strict" | "Warn" | "Ignore";
}

/** The text of `labelSelector` and `fieldSelector`, unparsed. */
export interface Selectors {
	labelSelector?: string;
	fieldSelector?: string;
}

export interface ListOptions extends Selectors {
	/** Objects at most; the answer may have fewer and go on all the same, so go by `continue`. */
	limit?: number;
	continue?: string;
	resourceVersion?: string;
	resourceVersionMatch?: "Exact" | "NotOlderThan";
}

export type PropagationPolicy = "Background" | "Foreground" | "Orphan";

export interface DeleteOptions {
	dryRun: boolean;
	propagationPolicy?: PropagationPolicy;
	gracePeriodSeconds?: number;
	preconditions?: { uid?: string; resourceVersion?: string };
}

/** Media types of PATCH. */
export type PatchType = "json" | "merge" | "strategic" | "apply";

interface Asked {
	caller: Caller;
	resource: ResourceRef;
	/** Absent for resources of the whole cluster. */
	namespace?: string;
}

export type ApiRequest = Asked &
	(
		| { verb: "get"; name: string }
		| { verb: "list"; list: ListOptions }
		/** `name` of the parent, for a subresource that is created (`serviceaccounts/NAME/token`). */
		| { verb: "create"; name?: string; body: unknown; write: WriteOptions }
		| { verb: "update"; name: string; body: unknown; write: WriteOptions }
		/** `body` is parsed: an array of operations for `json`, an object otherwise. `force` takes fields from other managers. */
		| { verb: "patch"; name: string; patch: PatchType; body: unknown; force?: boolean; write: WriteOptions }
		| { verb: "delete"; name: string; delete: DeleteOptions }
		| { verb: "deletecollection"; list: ListOptions; delete: DeleteOptions }
	);

export interface ListPage {
	type: "list";
	items: BaseResource[];
	resourceVersion: string;
	/** Token for the rest; absent on the last page. */
	continue?: string;
	remainingItemCount?: number;
}

export type ApiReply =
	/** `created`: 201. `warnings` become `Warning` headers. */
	{ type: "object"; object: BaseResource; created: boolean; warnings: string[] } | ListPage | { type: "status"; status: Status };

/**
 * A watch, sent to the object's `fetch` as the JSON body of `POST https://object/watch`. The answer is 200 with one JSON
 * `WatchEvent` a line, rendered as asked, or another code with a `Status`.
 */
export interface WatchRequest extends Asked {
	watch: Selectors & {
		resourceVersion?: string;
		allowWatchBookmarks: boolean;
		/** Everything that is there first, then a bookmark with the annotation `k8s.io/initial-events-end`. */
		sendInitialEvents: boolean;
		timeoutSeconds?: number;
	};
	as: "Object" | "Table" | "PartialObjectMetadata";
	includeObject: IncludeObject;
}

/** What RBAC decides about. `verb` may be one that is no verb of the API, such as `escalate`. */
export interface Attributes {
	verb: string;
	group: string;
	/** Plural, or `plural/subresource`. */
	resource: string;
	/** `""`: the whole cluster, or all namespaces. */
	namespace: string;
	/** `""`: none in particular. */
	name: string;
}
