import type { ClusterObject } from "../durable-objects/cluster/object.ts";
import type { ContainerObject } from "../durable-objects/container/object.ts";
import type { DispatcherObject } from "../durable-objects/dispatcher/object.ts";
import type { NamespaceObject } from "../durable-objects/namespace/object.ts";
import type { NodeObject } from "../durable-objects/node/object.ts";
import type { SessionObject } from "../durable-objects/session/object.ts";
import type { ModelEnv } from "./models/port.ts";

/** Variables, secrets and bindings of a deployment; `wrangler.toml` declares the same. */
export interface Env extends ModelEnv {
	SESSION: DurableObjectNamespace<SessionObject>;
	CLUSTER: DurableObjectNamespace<ClusterObject>;
	NAMESPACE: DurableObjectNamespace<NamespaceObject>;
	DISPATCHER: DurableObjectNamespace<DispatcherObject>;
	NODE: DurableObjectNamespace<NodeObject>;
	/** Absent: this deployment starts no containers. */
	CONTAINER?: DurableObjectNamespace<ContainerObject>;
	/** Secret: whoever bears it is `system:admin`. Without it every request is refused. */
	KLAW_ADMIN_TOKEN?: string;
	/** JSON: the containers that may be started as nodes; absent: none. See `durable-objects/dispatcher/settings.ts`. */
	KLAW_CONTAINERS?: string;
	/** JSON: how nodes are scored. See `durable-objects/dispatcher/settings.ts`. */
	KLAW_SCHEDULER?: string;
	/** `"true"` opens the outbound guard of tools for local addresses (`klaw up --allow-local-network`). */
	KLAW_ALLOW_LOCAL_NETWORK?: string;
	/**
	 * What tools fetch through. On a laptop a network that connects to public addresses only, checked after DNS by
	 * workerd; absent on Cloudflare, whose edge has no route to private addresses.
	 */
	OUTBOUND?: Fetcher;
	/** Where workspaces are checkpointed: a bucket, or on a laptop a directory. Without either they are not. */
	WORKSPACES?: R2Bucket;
	WORKSPACES_DISK?: Fetcher;
}

declare global {
	namespace Cloudflare {
		/** What `env` of `cloudflare:workers` is, in tests. */
		interface Env extends KlawEnv {}
		interface GlobalProps {
			/** Whose exports `exports` of `cloudflare:workers` has. */
			mainModule: typeof import("./worker.ts");
		}
	}
}

type KlawEnv = Env;
