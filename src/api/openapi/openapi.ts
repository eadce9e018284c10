import type { KindDefinition } from "../../resources/kind.ts";
import { groupsOf } from "../discovery/groups.ts";
import { type Document, toDocument } from "../document.ts";
import { mediaRanges, notAcceptable } from "../negotiate.ts";
import { ApiError, failure } from "../status.ts";
import { Components } from "./components.ts";
import type { GroupVersionKind, JsonSchema } from "./json-schema.ts";
import { type PathItem, pathsOf } from "./paths.ts";

export interface OpenApiRequest {
	/** Below the cluster's root: `/openapi/v3`, `/openapi/v3/apis/klaw.sh/v1` … */
	path: string;
	/** The query parameter `hash`, with which a document never changes. */
	hash?: string;
	/** The header of that name. */
	accept: string | undefined;
	/** Path of the cluster's root, `""` or `/clusters/NAME`. */
	prefix: string;
}

/** `moved`: where the document with the present hash is. */
export type OpenApiReply = Document | { moved: string };

/**
 * The OpenAPI v3 documents of a cluster with these kinds: the index, or what one version of a group serves.
 * @returns `undefined` for a path outside of `/openapi/v3`
 * @throws ApiError 404 for a version without kinds, 406 for a client that takes no JSON
 */
export function openApi(kinds: readonly KindDefinition[], { path, hash, accept, prefix }: OpenApiRequest): OpenApiReply | undefined {
	const root = "/openapi/v3";
	const asked = path.replace(/\/$/, "");
	if (asked !== root && !asked.startsWith(`${root}/`)) return undefined;
	if (!mediaRanges(accept).some(({ type }) => JSON_RANGES.has(type))) throw new ApiError(notAcceptable(["application/json"]));

	const documents = documentsOf(kinds);
	const location = (name: string, document: Document) => `${prefix}${root}/${name}?hash=${document.hash}`;
	if (asked === root) {
		const paths = [...documents].map(([name, document]) => [name, { serverRelativeURL: location(name, document) }]);
		return toDocument({ paths: Object.fromEntries(paths) });
	}
	const name = asked.slice(root.length + 1);
	const document = documents.get(name);
	if (!document) throw new ApiError(failure("NotFound", "the server could not find the requested resource", {}));
	if (hash === undefined) return document;
	return hash === document.hash ? { ...document, immutable: true } : { moved: location(name, document) };
}

const JSON_RANGES = new Set(["application/json", "application/*", "*/*"]);

const made = new WeakMap<readonly KindDefinition[], ReadonlyMap<string, Document>>();

/** Documents by `api/VERSION` and `apis/GROUP/VERSION`, made once for the same array of kinds. */
function documentsOf(kinds: readonly KindDefinition[]): ReadonlyMap<string, Document> {
	const known = made.get(kinds);
	if (known) return known;
	const documents = new Map<string, Document>();
	for (const { name, versions } of groupsOf(kinds)) {
		for (const { version, kinds: members } of versions) {
			const path = name === "" ? `api/${version}` : `apis/${name}/${version}`;
			documents.set(path, toDocument(openApiDocument(version, members, kinds)));
		}
	}
	made.set(kinds, documents);
	return documents;
}

/** `members` are the kinds of the document, `kinds` all whose objects a subresource may take. */
function openApiDocument(version: string, members: readonly KindDefinition[], kinds: readonly KindDefinition[]) {
	const components = new Components();
	const bodyOf = (gvk: GroupVersionKind): JsonSchema => {
		const known = kinds.find(({ group, version, kind }) => kind === gvk.kind && group === gvk.group && version === gvk.version);
		if (known) return components.ofKind(known);
		const member = kinds.find(({ group, version, kind }) => `${kind}List` === gvk.kind && group === gvk.group && version === gvk.version);
		return member ? components.ofList(member) : components.ofUnknown(gvk);
	};
	const paths: Record<string, PathItem> = {};
	for (const kind of members) {
		components.ofKind(kind);
		Object.assign(paths, pathsOf(kind, components, bodyOf));
	}
	return {
		openapi: "3.0.0",
		info: { title: "klaw", version },
		paths,
		components: {
			schemas: components.schemas,
			securitySchemes: { BearerToken: { type: "http", scheme: "bearer", description: "A token of a ServiceAccount or of the deployment" } },
		},
		security: [{ BearerToken: [] }],
	};
}
