import { applyMergePatch } from "../../src/cli/write/merge-patch.ts";
import { type ApiReply, type ApiRequest, FakeApiServer, failure } from "./api-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of an API under test are looked at as they come.
type Json = any;

const kind = (resource: string, responseKind: string, scope = "Namespaced", shortNames: string[] = []) => ({
	resource,
	responseKind: { group: "", version: "", kind: responseKind },
	scope,
	singularResource: responseKind.toLowerCase(),
	shortNames,
	categories: [],
	verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
});

const GROUPS = [
	{
		name: "",
		resources: [
			kind("namespaces", "Namespace", "Cluster", ["ns"]),
			kind("secrets", "Secret"),
			kind("configmaps", "ConfigMap", "Namespaced", ["cm"]),
			kind("serviceaccounts", "ServiceAccount", "Namespaced", ["sa"]),
			kind("pods", "Pod", "Namespaced", ["po"]),
			kind("nodes", "Node", "Cluster", ["no"]),
		],
	},
	{
		name: "klaw.sh",
		resources: [kind("agents", "Agent", "Namespaced", ["ag"]), kind("tasks", "Task"), kind("clusters", "Cluster", "Cluster")],
	},
	{ name: "rbac.authorization.k8s.io", resources: [kind("roles", "Role"), kind("clusterroles", "ClusterRole", "Cluster")] },
];

/**
 * A small API server in memory: discovery, and single objects that can be read, listed, written, merge-patched and
 * deleted. What its `refuse` answers comes first. Everything it was asked is in `server.requests`.
 */
export class ResourceApi {
	readonly server = new FakeApiServer();
	/** By path, e.g. `/apis/klaw.sh/v1/namespaces/default/agents/a`. */
	readonly objects = new Map<string, Json>();
	/** Answers a request in place of the store. */
	refuse: (request: ApiRequest) => ApiReply | undefined = () => undefined;
	#version = 0;

	async listen(): Promise<void> {
		this.server.answer((request) => this.refuse(request) ?? this.#answer(request));
		await this.server.listen();
	}

	/** Puts an object there, as another client would. */
	put(path: string, object: Json): Json {
		this.#version += 1;
		const stored = {
			...object,
			metadata: {
				uid: `uid-of-${object.metadata.name}`,
				creationTimestamp: "2026-01-01T00:00:00Z",
				...object.metadata,
				resourceVersion: String(this.#version),
			},
		};
		this.objects.set(path, stored);
		return stored;
	}

	/** The requests that write, as `METHOD path`. */
	get writes(): string[] {
		return this.server.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
	}

	#answer({ method, path: target, body, headers }: ApiRequest): ApiReply {
		const url = new URL(target, "http://fake");
		const path = url.pathname;
		if (path === "/api" || path === "/apis") return { json: discovery(path) };
		const dryRun = url.searchParams.get("dryRun") === "All";
		const old = this.objects.get(path);
		const store = (object: Json, at: string) => (dryRun ? object : this.put(at, object));
		if (method === "POST") {
			const at = `${path}/${(body as Json).metadata.name}`;
			if (this.objects.has(at)) return failure(409, "AlreadyExists", `${resourceOf(at)} "${nameOf(at)}" already exists`);
			return { status: 201, json: store(body, at) };
		}
		if (method === "GET" && !old && isCollection(path)) return { json: { items: this.#list(path, url.searchParams) } };
		if (method === "PATCH" && headers["content-type"] === "application/apply-patch+yaml")
			return { json: store(applyMergePatch(old ?? {}, body), path) };
		if (!old) return failure(404, "NotFound", `${resourceOf(path)} "${nameOf(path)}" not found`);
		if (method === "GET") return { json: old };
		if (method === "DELETE") {
			if (!dryRun && !(body as Json)?.dryRun) this.objects.delete(path);
			return { json: { kind: "Status", apiVersion: "v1", status: "Success", details: { uid: old.metadata.uid } } };
		}
		const next = method === "PUT" ? body : applyMergePatch(old, body);
		const same = JSON.stringify({ ...(next as Json), metadata: 0 }) === JSON.stringify({ ...old, metadata: 0 }) && method === "PATCH";
		const meta = (object: Json) => JSON.stringify([object.metadata.labels, object.metadata.annotations]);
		return { json: same && meta(next) === meta(old) ? old : store(next, path) };
	}

	#list(path: string, query: URLSearchParams): Json[] {
		const [wantedKey, wantedValue] = (query.get("labelSelector") ?? "").split("=");
		const everywhere = path.replace(/^(.*\/v1)\/([a-z]+)$/, "$1/namespaces/[^/]+/$2");
		return [...this.objects]
			.filter(([at]) => at.startsWith(`${path}/`) || new RegExp(`^${everywhere}/[^/]+$`).test(at))
			.map(([, object]) => object)
			.filter(({ metadata }) => !wantedKey || metadata.labels?.[wantedKey] === wantedValue);
	}
}

function discovery(root: string): Json {
	return {
		kind: "APIGroupDiscoveryList",
		apiVersion: "apidiscovery.k8s.io/v2",
		items: GROUPS.filter(({ name }) => (root === "/api") === (name === "")).map(({ name, resources }) => ({
			metadata: { name },
			versions: [{ version: "v1", resources }],
		})),
	};
}

function isCollection(path: string): boolean {
	return GROUPS.some(({ resources }) => resources.some(({ resource }) => path.endsWith(`/${resource}`)));
}

function nameOf(path: string): string {
	return path.split("/").at(-1) ?? "";
}

function resourceOf(path: string): string {
	const plural = path.split("/").at(-2) ?? "";
	const group = GROUPS.find(({ resources }) => resources.some(({ resource }) => resource === plural))?.name ?? "";
	return group === "" ? plural : `${plural}.${group}`;
}
