import type { ApiClient } from "../api-client.ts";
import { type ApiResource, apiVersionOf } from "../api-resource.ts";
import { CliError } from "../errors.ts";
import type { Manifest, ManifestObject } from "../manifests.ts";
import { parseResourceArguments } from "../resource-arguments.ts";
import { noMatchesFor, type ResourceMapper } from "../resource-mapper.ts";
import { type Place, ResourceClient, type ServerObject } from "./resource-client.ts";

/** An object of a file, and where it belongs. */
export interface ManifestTarget extends Place {
	object: ManifestObject;
	source: string;
	where: string;
}

/** An object that was named or selected on the command line. */
export interface NamedTarget extends Place {
	/** Present when it was found by listing. */
	object?: ServerObject;
	source?: string;
}

/** The namespace of the connection, and whether the user named it on the command line. */
export interface NamespaceChoice {
	namespace: string;
	explicit: boolean;
}

/**
 * Finds where an object belongs. Its namespace is filled in.
 *
 * @throws CliError in kubectl's words for an unknown kind or another namespace than `-n`
 */
export function placeManifest({ object, source, where }: Manifest, mapper: ResourceMapper, choice: NamespaceChoice): ManifestTarget {
	const resource = mapper.ofKind(object);
	const { name = "", namespace: own } = object.metadata;
	if (!resource)
		throw new CliError(
			`resource mapping not found for name: "${name}" namespace: "${own ?? ""}" from "${source}": ${noMatchesFor(object)}\nensure CRDs are installed first`,
		);
	if (!resource.namespaced) return { resource, namespace: undefined, name, object, source, where };
	if (own && choice.explicit && own !== choice.namespace)
		throw new CliError(
			`the namespace from the provided object "${own}" does not match the namespace "${choice.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
		);
	const namespace = own || choice.namespace;
	return { resource, namespace, name, object: { ...object, metadata: { ...object.metadata, namespace } }, source, where };
}

/** @throws CliError when the object has no name of its own */
export function requireName({ name, where }: Pick<ManifestTarget, "name" | "where">): void {
	if (name === "") throw new CliError(`${where} is not an object of Kubernetes' form: metadata.name is missing.`);
}

export interface ListSelection {
	all?: boolean | undefined;
	selector?: string | undefined;
	fieldSelector?: string | undefined;
	allNamespaces?: boolean | undefined;
}

const NO_RESOURCES = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

/**
 * What `TYPE NAME…`, `TYPE/NAME…`, `TYPE -l SELECTOR` and `TYPE --all` mean.
 *
 * @throws CliError in kubectl's words
 */
export async function namedTargets(
	client: ApiClient,
	mapper: ResourceMapper,
	words: readonly string[],
	choice: NamespaceChoice,
	select: ListSelection = {},
): Promise<NamedTarget[]> {
	if (words.length === 0) throw new CliError(NO_RESOURCES);
	const selects = Boolean(select.all || select.selector || select.fieldSelector);
	const placed = (resource: ApiResource) => (resource.namespaced ? choice.namespace : undefined);
	const found = parseResourceArguments(words, mapper, { selects });
	const targets = found.flatMap(({ resource, name }) => (name === undefined ? [] : [{ resource, namespace: placed(resource), name }]));
	if (targets.length === found.length) return targets;
	if (!selects) throw new CliError("resource(s) were provided, but no name was specified");
	const lists = await Promise.all(
		found.map(async ({ resource }) => {
			const namespace = resource.namespaced && !select.allNamespaces ? choice.namespace : undefined;
			const selectors = {
				...(select.selector && { labels: select.selector }),
				...(select.fieldSelector && { fields: select.fieldSelector }),
			};
			const objects = await new ResourceClient(client).list(resource, namespace, selectors);
			return objects.map((item): NamedTarget => {
				// Items of a list do not say what they are.
				const object = { ...item, apiVersion: item.apiVersion ?? apiVersionOf(resource), kind: item.kind ?? resource.kind };
				return { resource, namespace: item.metadata.namespace ?? undefined, name: item.metadata.name, object };
			});
		}),
	);
	return lists.flat();
}
