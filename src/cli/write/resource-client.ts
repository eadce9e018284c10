import type { ApiClient } from "../api-client.ts";
import { type ApiResource, resourcePath } from "../api-resource.ts";
import { ApiError } from "../errors.ts";
import type { ManifestObject } from "../manifests.ts";
import { listRefusal } from "../read/list-refusal.ts";

/** An object as the server has it. */
export type ServerObject = ManifestObject & { metadata: { name: string; uid?: string; resourceVersion?: string } };

/** Where an object is, or is to be. */
export interface Place {
	resource: ApiResource;
	/** `undefined` for kinds of the whole cluster. */
	namespace: string | undefined;
	name: string;
}

/** Parameters of a write. */
export interface WriteQuery {
	dryRun?: boolean | undefined;
	fieldManager?: string | undefined;
	fieldValidation?: "Strict" | "Warn" | "Ignore" | undefined;
	/** Server-side apply takes fields from other managers. */
	force?: boolean | undefined;
}

export interface DeleteBody {
	propagationPolicy?: "Background" | "Foreground" | "Orphan";
	gracePeriodSeconds?: number;
	dryRun?: string[];
}

/** Media types of PATCH by the word for them on the command line. */
export const PATCH_TYPES = {
	json: "application/json-patch+json",
	merge: "application/merge-patch+json",
	strategic: "application/strategic-merge-patch+json",
	apply: "application/apply-patch+yaml",
} as const;
export type PatchType = keyof typeof PATCH_TYPES;

/** Reading and writing single objects of any kind. */
export class ResourceClient {
	readonly #client: ApiClient;

	constructor(client: ApiClient) {
		this.#client = client;
	}

	get(place: Place, subresource?: string): Promise<ServerObject> {
		return this.#client.json(path(place, subresource));
	}

	/** `undefined` when it is not there. */
	async find(place: Place): Promise<ServerObject | undefined> {
		try {
			return await this.get(place);
		} catch (error) {
			if (error instanceof ApiError && error.code === 404) return undefined;
			throw error;
		}
	}

	async list(
		resource: ApiResource,
		namespace: string | undefined,
		selectors: { labels?: string; fields?: string },
	): Promise<ServerObject[]> {
		const query = new URLSearchParams({ limit: "500" });
		if (selectors.labels) query.set("labelSelector", selectors.labels);
		if (selectors.fields) query.set("fieldSelector", selectors.fields);
		const items: ServerObject[] = [];
		for (;;) {
			const page = await this.#client
				.json<{ metadata?: { continue?: string }; items: ServerObject[] }>(`${resourcePath(resource, namespace)}?${query}`)
				.catch((error: unknown) => {
					throw listRefusal(error, resource, { labelSelector: selectors.labels, fieldSelector: selectors.fields });
				});
			items.push(...page.items);
			if (!page.metadata?.continue) break;
			query.set("continue", page.metadata.continue);
		}
		return items;
	}

	create(resource: ApiResource, namespace: string | undefined, body: unknown, query: WriteQuery = {}): Promise<ServerObject> {
		return this.#client.json(`${resourcePath(resource, namespace)}${search(query)}`, { method: "POST", body });
	}

	replace(place: Place, body: unknown, query: WriteQuery = {}, subresource?: string): Promise<ServerObject> {
		return this.#client.json(`${path(place, subresource)}${search(query)}`, { method: "PUT", body });
	}

	patch(place: Place, type: PatchType, body: unknown, query: WriteQuery = {}, subresource?: string): Promise<ServerObject> {
		const headers = { "Content-Type": PATCH_TYPES[type] };
		return this.#client.json(`${path(place, subresource)}${search(query)}`, { method: "PATCH", body, headers });
	}

	/** The object while it is still being deleted, or a Status when it is gone. */
	delete(place: Place, options: DeleteBody): Promise<{ kind: string; metadata?: { uid?: string }; details?: { uid?: string } }> {
		const body = { kind: "DeleteOptions", apiVersion: "v1", ...options };
		return this.#client.json(path(place), { method: "DELETE", body });
	}
}

function path({ resource, namespace, name }: Place, subresource?: string): string {
	return `${resourcePath(resource, namespace, name)}${subresource === undefined ? "" : `/${encodeURIComponent(subresource)}`}`;
}

function search({ dryRun, fieldManager, fieldValidation, force }: WriteQuery): string {
	const query = new URLSearchParams();
	if (dryRun) query.set("dryRun", "All");
	if (fieldManager !== undefined) query.set("fieldManager", fieldManager);
	if (fieldValidation !== undefined) query.set("fieldValidation", fieldValidation);
	if (force) query.set("force", "true");
	return query.size === 0 ? "" : `?${query}`;
}
