import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../api-client.ts";
import { ApiError, CliError, isTransient } from "../errors.ts";
import type { KubeObject } from "../objects.ts";
import { retryDelay } from "../persist.ts";
import type { Target } from "../read/find-targets.ts";
import { getObject, listObjects } from "../read/list.ts";
import { watch } from "../read/watch.ts";
import type { Condition } from "./condition.ts";

export interface WaitOptions {
	/** Aborted when it has taken long enough. */
	deadline: AbortSignal;
	/** Look once, and do not wait. */
	once: boolean;
}

/**
 * Waits until an object is as it should be, by watching it; lost connections are made again.
 *
 * @returns the object as it was then, or was last seen; `undefined` when it was not there to begin with
 * @throws CliError in kubectl's words when time is up, or there was no such object. One that goes away is waited for: it may
 * be made again
 */
export async function waitFor(
	client: ApiClient,
	target: Target & { name: string },
	condition: Condition,
	{ deadline, once }: WaitOptions,
): Promise<KubeObject | undefined> {
	const { resource, name } = target;
	const overdue = once
		? new CliError(`condition not met for ${resource.plural}/${name}`)
		: new CliError(`timed out waiting for the condition${condition.absent === "come" ? "" : ` on ${resource.plural}/${name}`}`);
	let seen: KubeObject | undefined;
	for (let failures = 1; ; failures++) {
		try {
			const { items, metadata } = await listObjects(client, resource, target.namespace, { fieldSelector: `metadata.name=${name}` });
			const [object] = items;
			if (!object && condition.absent === "met") return seen;
			// Asked for by its name, the server says itself that it is not there.
			if (!object && !seen && condition.absent === "never") await getObject(client, resource, target.namespace, name);
			if (object && isOther(object, seen) && condition.absent === "met") return seen;
			seen = object ?? seen;
			if (object && condition.isMet(object)) return object;
			if (once || deadline.aborted) throw overdue;
			const changed = await nextMet(client, target, condition, metadata?.resourceVersion, deadline);
			if (changed) return changed;
		} catch (error) {
			if (error === overdue || (!isTransient(error) && !isExpired(error) && !deadline.aborted)) throw error;
		}
		if (deadline.aborted) throw overdue;
		await sleep(retryDelay(failures), undefined, { signal: deadline }).catch(() => undefined);
	}
}

/** Watches until the condition is met. @returns undefined when the watch ends before */
async function nextMet(
	client: ApiClient,
	target: Target & { name: string },
	condition: Condition,
	resourceVersion: string | undefined,
	signal: AbortSignal,
): Promise<KubeObject | undefined> {
	const query = { fieldSelector: `metadata.name=${target.name}`, resourceVersion };
	for await (const { type, object } of watch<KubeObject>(client, target.resource, target.namespace, query, { signal })) {
		if (type === "DELETED" ? condition.absent === "met" : condition.isMet(object)) return object;
	}
	return undefined;
}

/** An object that has the name of the one that was there, and is another one. */
function isOther(object: KubeObject, seen: KubeObject | undefined): boolean {
	return seen !== undefined && object.metadata.uid !== seen.metadata.uid;
}

function isExpired(error: unknown): boolean {
	return error instanceof ApiError && error.code === 410;
}
