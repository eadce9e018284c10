import type { ApiResource } from "./api-resource.ts";
import { CliError } from "./errors.ts";
import type { ResourceMapper } from "./resource-mapper.ts";

/** All objects of a resource, or the one of a name. */
export interface ResourceArgument {
	resource: ApiResource;
	name?: string;
}

/**
 * Reads what stands after a verb: `tasks`, `agents,tasks`, `all`, `task a b`, or `task/a session/b`.
 *
 * @param selects a selector was given, so there can be no names
 * @throws CliError in kubectl's words
 */
export function parseResourceArguments(words: readonly string[], mapper: ResourceMapper, { selects = false } = {}): ResourceArgument[] {
	const [first = "", ...names] = words;
	if (words.some((word) => word.includes("/"))) {
		if (selects) throw new CliError("selectors and the all flag cannot be used when passing resource/name arguments");
		return words.map((word) => named(word, mapper));
	}
	const resources = mapper.findAll(first);
	if (names.length === 0) return resources.map((resource) => ({ resource }));
	if (selects) throw new CliError("name cannot be provided when a selector is specified");
	if (names.includes("")) throw new CliError("resource name may not be empty");
	return resources.flatMap((resource) => names.map((name) => ({ resource, name })));
}

function named(word: string, mapper: ResourceMapper): ResourceArgument {
	const [type = "", name = "", ...more] = word.split("/");
	if (!word.includes("/"))
		throw new CliError(
			"there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'klaw get resource/<resource_name>' instead of 'klaw get resource resource/<resource_name>'",
		);
	if (type === "" || name === "" || more.length > 0)
		throw new CliError("arguments in resource/name form must have a single resource and name");
	return { resource: mapper.find(type), name };
}
