import type { KindDefinition, Subresource, Verb } from "../../resources/kind.ts";
import type { Components } from "./components.ts";
import type { GroupVersionKind, JsonSchema } from "./json-schema.ts";
import { deleteOptionsSchema, patchSchema, statusSchema } from "./meta-schemas.ts";
import { type Action, answers, camelCased, type Operation } from "./operation.ts";
import {
	deleteCollectionParameters,
	deleteParameters,
	listParameters,
	namePath,
	namespacePath,
	type Parameter,
	patchParameters,
	writeParameters,
} from "./parameters.ts";
import { patchMediaTypes } from "./patch-media-types.ts";

type Method = "get" | "post" | "put" | "patch" | "delete";
export type PathItem = Partial<Record<Method, Operation>> & { parameters?: readonly Parameter[] };

/** What clients can do with objects of a kind, by path. The schemas that it needs are put into `components`. */
export function pathsOf(
	kind: KindDefinition,
	components: Components,
	bodyOf: (gvk: GroupVersionKind) => JsonSchema,
): Record<string, PathItem> {
	const { group, version, plural } = kind;
	const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
	const namespaced = kind.scope === "Namespaced";
	const all = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
	const within = namespaced ? [namespacePath] : [];
	const write = new OperationWriter(kind, components, bodyOf);

	const paths: Record<string, PathItem> = {};
	const add = (path: string, item: PathItem, parameters: readonly Parameter[]) => {
		if (Object.keys(item).length > 0) paths[path] = { ...item, ...(parameters.length > 0 ? { parameters } : {}) };
	};
	if (namespaced && kind.verbs.includes("list")) add(`${root}/${plural}`, { get: write.list("ForAllNamespaces") }, []);
	add(all, write.collection(), within);
	add(`${all}/{name}`, write.single(), [namePath, ...within]);
	for (const sub of kind.subresources ?? []) add(`${all}/{name}/${sub.name}`, write.subresource(sub), [namePath, ...within]);
	return paths;
}

class OperationWriter {
	readonly #kind: KindDefinition;
	readonly #components: Components;
	readonly #bodyOf: (gvk: GroupVersionKind) => JsonSchema;

	constructor(kind: KindDefinition, components: Components, bodyOf: (gvk: GroupVersionKind) => JsonSchema) {
		this.#kind = kind;
		this.#components = components;
		this.#bodyOf = bodyOf;
	}

	list(suffix = ""): Operation {
		return this.#operation("list", `list ${this.#kind.plural}`, suffix, {
			parameters: listParameters,
			responses: answers(this.#components.ofList(this.#kind), "200"),
		});
	}

	collection(): PathItem {
		const { verbs, plural, kind } = this.#kind;
		const item: PathItem = {};
		if (verbs.includes("list")) item.get = this.list();
		if (verbs.includes("create")) item.post = this.#write("post", `create a ${kind}`, this.#object());
		if (verbs.includes("deletecollection")) {
			item.delete = this.#delete("deletecollection", `delete ${plural}`, deleteCollectionParameters);
		}
		return item;
	}

	single(): PathItem {
		const { kind, verbs } = this.#kind;
		const item = this.#readAndWrite(verbs, `the ${kind}`, this.#object());
		if (verbs.includes("delete")) item.delete = this.#delete("delete", `delete the ${kind}`, deleteParameters);
		return item;
	}

	subresource({ name, verbs, body }: Subresource): PathItem {
		const what = `${name} of the ${this.#kind.kind}`;
		const schema = body ? this.#bodyOf(body) : this.#object();
		const suffix = name.charAt(0).toUpperCase() + name.slice(1);
		const item = this.#readAndWrite(verbs, what, schema, suffix, body);
		if (verbs.includes("create")) item.post = this.#write("post", `create ${what}`, schema, suffix, body);
		return item;
	}

	#readAndWrite(verbs: readonly Verb[], what: string, schema: JsonSchema, suffix = "", gvk?: GroupVersionKind): PathItem {
		const item: PathItem = {};
		if (verbs.includes("get")) item.get = this.#operation("get", `read ${what}`, suffix, { responses: answers(schema, "200") }, gvk);
		if (verbs.includes("update")) item.put = this.#write("put", `replace ${what}`, schema, suffix, gvk);
		if (verbs.includes("patch")) item.patch = this.#patch(what, schema, suffix, gvk);
		return item;
	}

	#write(action: "post" | "put", description: string, schema: JsonSchema, suffix = "", gvk?: GroupVersionKind): Operation {
		const more = {
			parameters: writeParameters,
			requestBody: { required: true as const, content: { "*/*": { schema } } },
			responses: answers(schema, "200", "201"),
		};
		return this.#operation(action, description, suffix, more, gvk);
	}

	#patch(what: string, schema: JsonSchema, suffix: string, gvk?: GroupVersionKind): Operation {
		const patch = { schema: this.#components.refer(patchSchema) };
		const content = Object.fromEntries(Object.keys(patchMediaTypes(this.#kind)).map((type) => [type, patch]));
		const more = {
			parameters: patchParameters,
			requestBody: { required: true as const, content },
			responses: answers(schema, "200", "201"),
		};
		return this.#operation("patch", `change ${what} in part`, suffix, more, gvk);
	}

	#delete(action: "delete" | "deletecollection", description: string, parameters: readonly Parameter[]): Operation {
		return this.#operation(action, description, "", {
			parameters,
			requestBody: { content: { "*/*": { schema: this.#components.refer(deleteOptionsSchema) } } },
			responses: answers(this.#components.refer(statusSchema), "200"),
		});
	}

	#object(): JsonSchema {
		return this.#components.ofKind(this.#kind);
	}

	#operation(
		action: Action,
		description: string,
		suffix: string,
		more: Pick<Operation, "parameters" | "requestBody" | "responses">,
		{ group, version, kind }: GroupVersionKind = this.#kind,
	): Operation {
		const { scope } = this.#kind;
		const gv = camelCased(this.#kind.group, this.#kind.version);
		const named = scope === "Namespaced" && suffix !== "ForAllNamespaces" ? `Namespaced${this.#kind.kind}` : this.#kind.kind;
		return {
			tags: [gv.charAt(0).toLowerCase() + gv.slice(1)],
			description,
			operationId: `${ID_VERB[action]}${gv}${named}${suffix}`,
			...more,
			"x-kubernetes-action": action,
			"x-kubernetes-group-version-kind": { group, version, kind },
		};
	}
}

/** Kubernetes' words for the operation ids, which generated clients make into names of functions. */
const ID_VERB: Record<Action, string> = {
	get: "read",
	list: "list",
	post: "create",
	put: "replace",
	patch: "patch",
	delete: "delete",
	deletecollection: "deleteCollection",
};
