import type { ApiClient } from "./api-client.ts";
import { type ApiResource, apiVersionOf, parseApiVersion } from "./api-resource.ts";
import { discover } from "./discovery.ts";
import { CliError } from "./errors.ts";

/** What the reference system calls its kinds, where the server has no short name of its own for them. */
const ALIASES: Readonly<Record<string, string>> = {
	ag: "agents",
	ch: "channels",
	cl: "clusters",
	cron: "crontasks",
	crons: "crontasks",
	mr: "modelroutes",
	rev: "agentrevisions",
	route: "agentroutes",
	routes: "agentroutes",
	rt: "agentroutes",
	sess: "sessions",
	sk: "skills",
};

/** Finds resources by the words that people use for them, among those that the server has. */
export class ResourceMapper {
	/** In the server's order: of two that a word may mean, the first one is meant. */
	readonly resources: readonly ApiResource[];

	constructor(resources: readonly ApiResource[]) {
		this.resources = resources;
	}

	static async of(client: ApiClient): Promise<ResourceMapper> {
		return new ResourceMapper(await discover(client));
	}

	/**
	 * The resource that a plural, singular, kind or short name means, in any case; also `plural.group` and
	 * `plural.version.group`.
	 *
	 * @throws CliError in kubectl's words
	 */
	find(word: string): ApiResource {
		const found = this.tryFind(word);
		if (found) return found;
		const [name = ""] = word.split(".");
		throw new CliError(`the server doesn't have a resource type "${name}"`);
	}

	/** The same; `undefined` when there is none. */
	tryFind(word: string): ApiResource | undefined {
		return this.#find(word.toLowerCase());
	}

	/** What `TYPE` after a verb means: resources between commas, each one word or a category such as `all`. @throws CliError */
	findAll(words: string): ApiResource[] {
		return words.split(",").flatMap((word) => {
			const category = this.resources.filter(({ categories, verbs }) => categories.includes(word) && verbs.includes("list"));
			return category.length > 0 ? category : [this.find(word)];
		});
	}

	/** The resource of objects of this kind; `undefined` when the server has none such. */
	ofKind({ apiVersion, kind }: { apiVersion: string; kind: string }): ApiResource | undefined {
		return this.resources.find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
	}

	#find(word: string): ApiResource | undefined {
		const [name = "", ...suffix] = word.split(".");
		const named = this.resources.filter((resource) => isCalled(resource, name));
		if (suffix.length === 0) return named[0] ?? this.resources.find(({ plural }) => plural === ALIASES[name]);
		const rest = suffix.join(".");
		return (
			named.find(({ group }) => group === rest) ??
			named.find((resource) => suffix[0] === resource.version && suffix.slice(1).join(".") === resource.group) ??
			named.find(({ group }) => group.startsWith(rest))
		);
	}
}

/** The message that kubectl has for an object of a kind that the server does not know. */
export function noMatchesFor({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
	const { group, version } = parseApiVersion(apiVersion);
	return `no matches for kind "${kind}" in version "${apiVersionOf({ group, version })}"`;
}

function isCalled({ plural, singular, kind, shortNames }: ApiResource, name: string): boolean {
	if (name === "") return false;
	return name === plural || name === singular || name === kind.toLowerCase() || shortNames.includes(name);
}
