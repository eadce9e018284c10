import type { ApiClient } from "../api-client.ts";
import { objectName, resourcePath } from "../api-resource.ts";
import { ApiError, CliError } from "../errors.ts";
import type { Io } from "../io.ts";
import { readManifests } from "../manifests.ts";
import { noMatchesFor, ResourceMapper } from "../resource-mapper.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Creates the objects of the examples that are not there yet; one that a user has changed stays as it is. Returns the
 * names of those created.
 */
export async function createExamples(client: ApiClient, dir: string, io: Pick<Io, "cwd" | "stdin">): Promise<string[]> {
	const created: string[] = [];
	const mapper = await ResourceMapper.of(client);
	for (const { object } of await readManifests([dir], io)) {
		const resource = mapper.ofKind(object);
		if (!resource) throw new CliError(noMatchesFor(object));
		const { name = "", namespace } = object.metadata;
		try {
			await client.json(resourcePath(resource, namespace ?? "default"), { method: "POST", body: asApplied(object) });
			created.push(objectName({ ...object, metadata: { name } }));
		} catch (error) {
			if (!(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
		}
	}
	return created;
}

/** As `kubectl create --save-config` has it, so that whoever applies the file later is not warned. */
function asApplied<Manifest extends { metadata: object }>(object: Manifest): Manifest {
	const known: unknown = Reflect.get(object.metadata, "annotations");
	const annotations = { ...(typeof known === "object" ? known : {}), [LAST_APPLIED]: `${JSON.stringify(object)}\n` };
	return { ...object, metadata: { ...object.metadata, annotations } };
}
