import { setTimeout as sleep } from "node:timers/promises";
import { qualified } from "../api-resource.ts";
import { CliError } from "../errors.ts";
import type { Place, ResourceClient } from "./resource-client.ts";

const FIRST_LOOK_MS = 20;
const SLOWEST_LOOK_MS = 1_000;

/**
 * Waits until an object is gone, or another one has its name.
 *
 * @param uid of the object that was deleted
 * @param timeoutMs `undefined`: for as long as it takes
 * @throws CliError in kubectl's words when the time is up
 */
export async function untilDeleted(
	requests: ResourceClient,
	place: Place,
	uid: string | undefined,
	timeoutMs: number | undefined,
): Promise<void> {
	const end = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
	for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, SLOWEST_LOOK_MS)) {
		const found = await requests.find(place);
		if (!found || (uid !== undefined && found.metadata.uid !== uid)) return;
		const left = end - Date.now();
		if (left <= 0) throw new CliError(`timed out waiting for the condition on ${qualified(place.resource, "plural")}/${place.name}`);
		await sleep(Math.min(pause, left));
	}
}
