import { applyMergePatch } from "../../src/cli/write/merge-patch.ts";
import { type ApiReply, type ApiRequest, FakeApiServer, failure } from "./api-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of an API under test are looked at as they come.
type Json = any;

const VERBS = ["get", "list", "patch", "create"];
const RESOURCES = [
	{ name: "nodes", singularName: "node", namespaced: false, kind: "Node", shortNames: ["no"], verbs: VERBS },
	{ name: "pods", singularName: "pod", namespaced: true, kind: "Pod", shortNames: ["po"], verbs: VERBS },
	{ name: "pods/eviction", singularName: "", namespaced: true, kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] },
];

/** What a test says of a pod. */
export interface FakePod {
	node: string;
	/** It has no controller. */
	alone?: boolean;
	/** It does not leave when it is evicted. */
	stays?: boolean;
	/** It has a volume that goes with it. */
	local?: boolean;
}

/** An API server with nodes and pods that can be evicted, as kubectl and klaw meet it. */
export class NodesApi {
	readonly server = new FakeApiServer();
	readonly nodes = new Map<string, Json>();
	readonly pods = new Map<string, Json>();
	/** The evictions that were asked for, as `pod` and the options. */
	readonly evictions: { pod: string; options: Json }[] = [];
	/** What a session's events are; by its name. */
	readonly events = new Map<string, string[]>();
	/** Told of each eviction before anything is looked at. */
	beforeEviction: (pod: string) => void = () => undefined;
	/** Told of each eviction, before the pod leaves. */
	onEviction: (pod: string) => void = () => undefined;
	readonly #staying = new Set<string>();

	constructor(nodes: readonly string[], pods: Readonly<Record<string, FakePod>>) {
		for (const name of nodes)
			this.nodes.set(name, { apiVersion: "v1", kind: "Node", metadata: meta(name, { labels: { pool: "a" } }), spec: {} });
		for (const [name, { node, alone, stays, local }] of Object.entries(pods)) {
			const owner = { apiVersion: "klaw.sh/v1", kind: "Agent", name: "a", uid: "u", controller: true };
			const metadata = meta(name, { namespace: "default", ...(!alone && { ownerReferences: [owner] }) });
			this.pods.set(name, {
				apiVersion: "v1",
				kind: "Pod",
				metadata,
				spec: { nodeName: node, containers: [], ...(local && { volumes: [{ name: "workspace", emptyDir: {} }] }) },
				status: { phase: "Running" },
			});
			if (stays) this.#staying.add(name);
		}
	}

	async listen(): Promise<string> {
		this.server.answer((request) => this.#answer(request));
		await this.server.listen();
		return this.server.url;
	}

	/** The pod has left its node. */
	leave(name: string): void {
		const pod = this.pods.get(name);
		this.pods.set(name, { ...pod, metadata: { ...pod.metadata, uid: `${name}-elsewhere` }, spec: { containers: [] } });
	}

	#answer({ method, path: target, body }: ApiRequest): ApiReply {
		const { pathname: path, searchParams } = new URL(target, "http://fake");
		if (path === "/api") return { json: { kind: "APIVersions", versions: ["v1"] } };
		if (path === "/apis") return { json: { kind: "APIGroupList", apiVersion: "v1", groups: [] } };
		if (path === "/api/v1") return { json: { kind: "APIResourceList", groupVersion: "v1", resources: RESOURCES } };
		const [, events] = /\/sessions\/([^/]+)\/events$/.exec(path) ?? [];
		if (events) return { stream: this.events.get(events) ?? [] };
		if (/\/sessions\/[^/]+$/.test(path)) return { json: { apiVersion: "klaw.sh/v1", kind: "Session", metadata: {}, status: {} } };
		const [, evicted] = /\/pods\/([^/]+)\/eviction$/.exec(path) ?? [];
		if (evicted) return this.#evict(evicted, (body as Json).deleteOptions ?? {});
		const [, kind = "", name] = /\/(nodes|pods)(?:\/([^/]+))?$/.exec(path) ?? [];
		const objects = kind === "nodes" ? this.nodes : this.pods;
		if (name === undefined) return { json: this.#list(kind, searchParams.get("fieldSelector") ?? "") };
		const object = objects.get(name);
		if (!object) return failure(404, "NotFound", `${kind} "${name}" not found`);
		if (method !== "PATCH") return { json: object };
		const patched = applyMergePatch(object, body);
		if (searchParams.get("dryRun") === null) objects.set(name, patched);
		return { json: patched };
	}

	#list(kind: string, fields: string): Json {
		const [, node] = /spec\.nodeName=([^,]+)/.exec(fields) ?? [];
		const all = [...(kind === "nodes" ? this.nodes : this.pods).values()];
		const items = node === undefined ? all : all.filter(({ spec }) => spec.nodeName === node);
		return { kind: kind === "nodes" ? "NodeList" : "PodList", apiVersion: "v1", metadata: {}, items };
	}

	#evict(pod: string, options: Json): ApiReply {
		this.beforeEviction(pod);
		const wanted = options.preconditions?.resourceVersion;
		if (wanted !== undefined && wanted !== this.pods.get(pod).metadata.resourceVersion)
			return failure(409, "Conflict", `the ResourceVersion in the precondition (${wanted}) does not match`);
		this.evictions.push({ pod, options });
		this.onEviction(pod);
		if (!options.dryRun && !this.#staying.has(pod)) this.leave(pod);
		return { status: 201, json: { kind: "Status", apiVersion: "v1", status: "Success" } };
	}
}

function meta(name: string, more: object) {
	return { name, uid: `${name}-uid`, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", ...more };
}
