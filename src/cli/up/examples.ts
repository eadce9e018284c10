import type { ApiClient } from "../api-client.ts";
import { ApiError } from "../errors.ts";
import type { Io } from "../io.ts";
import { findKindOf, qualified, resourcePath } from "../kinds.ts";
import { readManifests } from "../manifests.ts";

/**
 * Creates the objects of the examples that are not there yet; one that a user has changed stays as it is. Returns the
 * names of those created.
 */
export async function createExamples(client: ApiClient, dir: string, io: Pick<Io, "cwd" | "stdin">): Promise<string[]> {
	const created: string[] = [];
	for (const object of await readManifests([dir], io)) {
		const kind = findKindOf(object);
		try {
			await client.json(resourcePath(kind, object.metadata.namespace ?? "default"), { method: "POST", body: object });
			created.push(`${qualified(kind)}/${object.metadata.name}`);
		} catch (error) {
			if (!(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
		}
	}
	return created;
}
