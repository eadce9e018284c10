import type { ApiReply, ApiRequest } from "./api-server.ts";
import { failure } from "./api-server.ts";

export interface FakeObject {
	apiVersion: string;
	kind: string;
	metadata: { name: string; namespace?: string; resourceVersion?: string; labels?: Record<string, string>; [field: string]: unknown };
	[field: string]: unknown;
}

/** A kind with its columns after NAME; those with `priority` show under `-o wide`. */
export interface FakeKind {
	group: string;
	version: string;
	kind: string;
	plural: string;
	singular?: string;
	shortNames?: string[];
	categories?: string[];
	namespaced: boolean;
	verbs?: string[];
	columns?: { name: string; type?: string; priority?: number; cell(object: FakeObject): unknown }[];
	/** `components.schemas` entries of `/openapi/v3`; the first one is the kind's. */
	schemas?: Record<string, unknown>;
}

const ALL_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/**
 * The read side of a Kubernetes API over fixed objects: discovery, OpenAPI, lists, Tables, selectors, pages and scripted watches, as
 * much as both kubectl and klaw need to be compared.
 */
export class FakeKubeApi {
	readonly kinds: readonly FakeKind[];
	readonly objects: FakeObject[];
	/** What a watch of a collection sends before it ends, by plural. */
	watched: Record<string, { type: string; object: FakeObject }[]> = {};
	/** Answers that come before all others, by `METHOD /path` without the query. */
	replies: Record<string, ApiReply | ((request: ApiRequest) => ApiReply)> = {};
	/** False: an old server, with `/apis/GROUP/VERSION` only. */
	aggregated = true;

	constructor(kinds: readonly FakeKind[], objects: readonly FakeObject[]) {
		this.kinds = kinds;
		this.objects = [...objects];
	}

	readonly answer = (request: ApiRequest): ApiReply => {
		const url = new URL(request.path, "http://fake");
		const own = this.replies[`${request.method} ${url.pathname}`];
		if (own) return typeof own === "function" ? own(request) : own;
		return this.#discovery(url, request) ?? this.#openapi(url) ?? this.#resource(url, request);
	};

	#discovery(url: URL, { headers }: ApiRequest): ApiReply | undefined {
		const aggregated = this.aggregated && (headers.accept ?? "").includes("as=APIGroupDiscoveryList");
		if (url.pathname === "/version") return { json: { major: "1", minor: "32", gitVersion: "v1.32.0-klaw.1", platform: "edge/wasm" } };
		if (url.pathname === "/api" && aggregated) return this.#aggregated(this.#groups().filter((group) => group === ""));
		if (url.pathname === "/apis" && aggregated) return this.#aggregated(this.#groups().filter((group) => group !== ""));
		if (url.pathname === "/api") return { json: { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] } };
		if (url.pathname === "/apis") {
			const groups = this.#groups().filter((group) => group !== "");
			return { json: { kind: "APIGroupList", apiVersion: "v1", groups: groups.map((group) => this.#group(group)) } };
		}
		const [, group = "", version] = /^\/api(?:s\/([^/]+))?\/([^/]+)$/.exec(url.pathname) ?? [];
		const resources = this.kinds.filter((kind) => kind.group === group && kind.version === version);
		if (version === undefined || resources.length === 0) return undefined;
		return {
			json: {
				kind: "APIResourceList",
				apiVersion: "v1",
				groupVersion: group === "" ? version : `${group}/${version}`,
				resources: resources.map((kind) => ({
					name: kind.plural,
					singularName: kind.singular ?? kind.kind.toLowerCase(),
					namespaced: kind.namespaced,
					kind: kind.kind,
					verbs: kind.verbs ?? ALL_VERBS,
					shortNames: kind.shortNames,
					categories: kind.categories,
				})),
			},
		};
	}

	#groups(): string[] {
		return [...new Set(this.kinds.map(({ group }) => group))];
	}

	#group(group: string): unknown {
		const versions = [...new Set(this.kinds.filter((kind) => kind.group === group).map(({ version }) => version))];
		const named = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
		return { name: group, versions: named, preferredVersion: named[0] };
	}

	#aggregated(groups: string[]): ApiReply {
		return {
			type: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
			json: {
				kind: "APIGroupDiscoveryList",
				apiVersion: "apidiscovery.k8s.io/v2",
				metadata: {},
				items: groups.map((group) => ({
					metadata: { name: group, creationTimestamp: null },
					versions: [...new Set(this.kinds.filter((kind) => kind.group === group).map(({ version }) => version))].map((version) => ({
						version,
						freshness: "Current",
						resources: this.kinds
							.filter((kind) => kind.group === group && kind.version === version)
							.map((kind) => ({
								resource: kind.plural,
								responseKind: { group, version, kind: kind.kind },
								scope: kind.namespaced ? "Namespaced" : "Cluster",
								singularResource: kind.singular ?? kind.kind.toLowerCase(),
								verbs: kind.verbs ?? ALL_VERBS,
								shortNames: kind.shortNames,
								categories: kind.categories,
							})),
					})),
				})),
			},
		};
	}

	#openapi(url: URL): ApiReply | undefined {
		const path = (kind: FakeKind) => (kind.group === "" ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`);
		if (url.pathname === "/openapi/v3") {
			const paths = this.kinds.map((kind) => [path(kind), { serverRelativeURL: `/openapi/v3/${path(kind)}` }]);
			return { json: { paths: Object.fromEntries(paths) } };
		}
		if (!url.pathname.startsWith("/openapi/v3/")) return undefined;
		const kinds = this.kinds.filter((kind) => `/openapi/v3/${path(kind)}` === url.pathname);
		if (kinds.length === 0) return undefined;
		return {
			json: {
				openapi: "3.0.0",
				info: { title: "fake", version: "v1" },
				paths: Object.fromEntries(
					kinds.map((kind) => [
						`/${path(kind)}${kind.namespaced ? "/namespaces/{namespace}" : ""}/${kind.plural}`,
						{
							get: {
								"x-kubernetes-group-version-kind": { group: kind.group, version: kind.version, kind: kind.kind },
								"x-kubernetes-action": "list",
							},
						},
					]),
				),
				components: { schemas: Object.assign({}, ...kinds.map(({ schemas }) => schemas ?? {})) },
			},
		};
	}

	#resource(url: URL, request: ApiRequest): ApiReply {
		const parts =
			/^\/api(?:s\/(?<group>[^/]+))?\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?$/;
		const { group = "", version, namespace, plural = "", name } = parts.exec(url.pathname)?.groups ?? {};
		const kind = this.kinds.find((one) => one.group === group && one.version === version && one.plural === plural);
		if (!kind) return failure(404, "NotFound", "the server could not find the requested resource");
		const apiVersion = group === "" ? kind.version : `${group}/${kind.version}`;
		const all = this.objects.filter(
			(object) =>
				object.kind === kind.kind &&
				object.apiVersion === apiVersion &&
				(namespace === undefined || object.metadata.namespace === namespace),
		);
		const table = (headers: ApiRequest["headers"]) => (headers.accept ?? "").includes("as=Table");
		if (name !== undefined) {
			const found = all.find((object) => object.metadata.name === name);
			const qualified = group === "" ? plural : `${plural}.${group}`;
			if (!found) {
				const reply = failure(404, "NotFound", `${qualified} "${name}" not found`);
				return { ...reply, json: { ...(reply.json as object), metadata: {}, details: { name, group, kind: plural } } };
			}
			return { json: table(request.headers) ? this.#table(kind, [found], url, {}) : found };
		}
		const selected = all.filter((object) => matches(object, url));
		if (url.searchParams.get("watch") !== null && url.searchParams.get("watch") !== "false")
			return this.#watch(kind, selected, url, table(request.headers));
		const limit = Number(url.searchParams.get("limit") ?? 0) || selected.length;
		const start = Number(url.searchParams.get("continue") ?? 0);
		const page = selected.slice(start, start + limit);
		const more = start + limit < selected.length;
		const metadata = {
			resourceVersion: "100",
			...(more && { continue: `${start + limit}`, remainingItemCount: selected.length - start - limit }),
		};
		if (table(request.headers)) return { json: this.#table(kind, page, url, metadata) };
		return { json: { kind: `${kind.kind}List`, apiVersion, metadata, items: page } };
	}

	#watch(kind: FakeKind, selected: readonly FakeObject[], url: URL, table: boolean): ApiReply {
		const wanted = /metadata\.name=([^,]+)/.exec(url.searchParams.get("fieldSelector") ?? "")?.[1];
		const events = (this.watched[kind.plural] ?? []).filter(({ object }) => wanted === undefined || object.metadata.name === wanted);
		// From 0 on, what is there comes first.
		if (url.searchParams.get("resourceVersion") === "0") events.unshift(...selected.map((object) => ({ type: "ADDED", object })));
		return {
			type: "application/json",
			stream: events.map(
				({ type, object }) => `${JSON.stringify({ type, object: table ? this.#table(kind, [object], url, {}) : object })}\n`,
			),
		};
	}

	#table(kind: FakeKind, objects: readonly FakeObject[], url: URL, metadata: unknown): unknown {
		const columns = [
			{ name: "Name", type: "string", cell: (object: FakeObject): unknown => object.metadata.name },
			...(kind.columns ?? []),
		];
		const whole = url.searchParams.get("includeObject") === "Object";
		return {
			kind: "Table",
			apiVersion: "meta.k8s.io/v1",
			metadata,
			columnDefinitions: columns.map(({ name, type = "string", ...rest }) => ({
				name,
				type,
				format: name === "Name" ? "name" : "",
				description: "",
				priority: "priority" in rest ? (rest.priority ?? 0) : 0,
			})),
			rows: objects.map((object) => ({
				cells: columns.map((column) => column.cell(object)),
				object: whole ? object : { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
			})),
		};
	}
}

/** `a=b,c!=d,e` over labels, and `a.b=c` over fields. */
function matches(object: FakeObject, url: URL): boolean {
	const holds = (selector: string | null, read: (key: string) => unknown) =>
		(selector ?? "")
			.split(",")
			.filter((term) => term !== "")
			.every((term) => {
				const [, key = "", operator, value] = /^([^!=]+)(!=|==|=)?(.*)$/.exec(term) ?? [];
				const has = read(key);
				if (operator === undefined) return has !== undefined;
				return operator === "!=" ? String(has ?? "") !== value : String(has ?? "") === value;
			});
	const field = (path: string) => path.split(".").reduce<unknown>((value, key) => new Map(Object.entries(value ?? {})).get(key), object);
	return (
		holds(url.searchParams.get("labelSelector"), (key) => object.metadata.labels?.[key]) &&
		holds(url.searchParams.get("fieldSelector"), field)
	);
}
