import * as z from "zod";
import type { ApiClient } from "./api-client.ts";
import type { ApiResource } from "./api-resource.ts";
import { ApiError } from "./errors.ts";

/** Aggregated discovery first, as kubectl asks; a server that has none answers with the plain lists. */
const AGGREGATED =
	"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

const names = z.array(z.string()).nullish();

const aggregatedSchema = z.object({
	kind: z.literal("APIGroupDiscoveryList"),
	items: z.array(
		z.object({
			metadata: z.object({ name: z.string().default("") }).default({ name: "" }),
			versions: z.array(
				z.object({
					version: z.string(),
					resources: z
						.array(
							z.object({
								resource: z.string(),
								responseKind: z.object({ kind: z.string() }).nullish(),
								scope: z.string(),
								singularResource: z.string().nullish(),
								verbs: names,
								shortNames: names,
								categories: names,
							}),
						)
						.nullish(),
				}),
			),
		}),
	),
});

const versionsSchema = z.object({ versions: z.array(z.string()) });
const groupsSchema = z.object({
	groups: z.array(z.object({ name: z.string(), versions: z.array(z.object({ version: z.string() })) })),
});
const resourcesSchema = z.object({
	resources: z.array(
		z.object({
			name: z.string(),
			singularName: z.string().nullish(),
			namespaced: z.boolean(),
			kind: z.string(),
			verbs: names,
			shortNames: names,
			categories: names,
		}),
	),
});

/** A version of a group, and what it has; there may be nothing in it. */
export interface GroupVersion {
	group: string;
	version: string;
	/** Without subresources. */
	resources: ApiResource[];
}

/** Every resource that the server has, without subresources: the core group first, then the others in the server's order. */
export async function discover(client: ApiClient): Promise<ApiResource[]> {
	return (await discoverVersions(client)).flatMap(({ resources }) => resources);
}

/** Every version of every group, in the same order. */
export async function discoverVersions(client: ApiClient): Promise<GroupVersion[]> {
	const roots = await Promise.all([discoverRoot(client, "/api"), discoverRoot(client, "/apis")]);
	return roots.flat();
}

/** `/api` has the core group, `/apis` all others. A server without one of them has no such groups. */
async function discoverRoot(client: ApiClient, root: "/api" | "/apis"): Promise<GroupVersion[]> {
	let answer: unknown;
	try {
		answer = await client.json(root, { headers: { Accept: AGGREGATED } });
	} catch (error) {
		if (error instanceof ApiError && error.code === 404) return [];
		throw error;
	}
	const aggregated = aggregatedSchema.safeParse(answer);
	if (aggregated.success) return fromAggregated(aggregated.data);
	const groups =
		root === "/api"
			? versionsSchema.parse(answer).versions.map((version) => ({ group: "", version }))
			: groupsSchema.parse(answer).groups.flatMap(({ name, versions }) => versions.map(({ version }) => ({ group: name, version })));
	return await Promise.all(
		groups.map(async ({ group, version }) => {
			const list = resourcesSchema.parse(await client.json(group === "" ? `${root}/${version}` : `${root}/${group}/${version}`));
			const resources = list.resources
				.filter(({ name }) => !name.includes("/"))
				.map(
					(resource): ApiResource => ({
						group,
						version,
						kind: resource.kind,
						plural: resource.name,
						singular: resource.singularName || resource.kind.toLowerCase(),
						shortNames: resource.shortNames ?? [],
						categories: resource.categories ?? [],
						namespaced: resource.namespaced,
						verbs: resource.verbs ?? [],
					}),
				);
			return { group, version, resources };
		}),
	);
}

function fromAggregated({ items }: z.infer<typeof aggregatedSchema>): GroupVersion[] {
	return items.flatMap(({ metadata: { name: group }, versions }) =>
		versions.map(({ version, resources }) => ({
			group,
			version,
			resources: (resources ?? []).map(
				(resource): ApiResource => ({
					group,
					version,
					kind: resource.responseKind?.kind ?? "",
					plural: resource.resource,
					singular: resource.singularResource || (resource.responseKind?.kind ?? "").toLowerCase(),
					shortNames: resource.shortNames ?? [],
					categories: resource.categories ?? [],
					namespaced: resource.scope === "Namespaced",
					verbs: resource.verbs ?? [],
				}),
			),
		})),
	);
}
