import type { ApiClient } from "../api-client.ts";
import type { ApiResource } from "../api-resource.ts";
import { CliError, PlainError } from "../errors.ts";
import type { Io } from "../io.ts";
import { readManifests } from "../manifests.ts";
import { parseResourceArguments } from "../resource-arguments.ts";
import { noMatchesFor, ResourceMapper } from "../resource-mapper.ts";

/** What to read: one object, or without a name all of a resource. */
export interface Target {
	resource: ApiResource;
	/** Absent: all namespaces, or a resource of the whole cluster. */
	namespace: string | undefined;
	name?: string;
}

export interface TargetOptions {
	namespace: string;
	allNamespaces?: boolean | undefined;
	selector?: string | undefined;
	fieldSelector?: string | undefined;
	filename?: string[] | undefined;
	/** Something selects objects that is neither a label nor a field, such as `--all`. */
	selects?: boolean;
}

/** Finds what the words or the files of a command line mean. @throws CliError in kubectl's words */
export async function findTargets(
	client: ApiClient,
	io: Pick<Io, "cwd" | "stdin">,
	words: readonly string[],
	options: TargetOptions,
): Promise<Target[]> {
	const { filename, namespace, allNamespaces = false } = options;
	const manifests = filename ? await readManifests(filename, io) : [];
	if (filename && words.length > 0)
		throw new CliError("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well");
	const mapper = await ResourceMapper.of(client);
	if (!filename) {
		const selects = Boolean(options.selects) || Boolean(options.selector) || Boolean(options.fieldSelector);
		const found = parseResourceArguments(words, mapper, { selects });
		if (allNamespaces && found.some(({ name }) => name !== undefined))
			throw new CliError("a resource cannot be retrieved by name across all namespaces");
		return found.map(({ resource, name }) => ({
			resource,
			namespace: resource.namespaced && !allNamespaces ? namespace : undefined,
			...(name !== undefined && { name }),
		}));
	}
	return manifests.map(({ object, source }) => {
		const { name = "", namespace: own } = object.metadata;
		const resource = mapper.ofKind(object);
		if (!resource)
			throw new PlainError(
				`resource mapping not found for name: "${name}" namespace: "${own ?? ""}" from "${source}": ${noMatchesFor(object)}\nensure CRDs are installed first`,
			);
		return { resource, namespace: resource.namespaced ? (own ?? namespace) : undefined, name };
	});
}
