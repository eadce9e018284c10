import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "./api-client.ts";
import { resourcePath } from "./api-resource.ts";
import { TASK } from "./kinds.ts";
import { isOver, type TaskObject } from "./objects.ts";
import { persist, tryingAgain } from "./persist.ts";
import type { Screen } from "./render/screen.ts";
import { watchRun } from "./watch-run.ts";

/** Between two looks at a task that has not begun, or whose end has not reached its object. */
const POLL_MS = 250;

/**
 * Shows a task until it is over, across restarts of the server, and returns it as it is then. When `signal` comes
 * first: as it was last seen.
 */
export async function waitForTask(
	client: ApiClient,
	namespace: string,
	name: string,
	signal: AbortSignal,
	screen: Screen,
): Promise<TaskObject | undefined> {
	const path = resourcePath(TASK, namespace, name);
	let task: TaskObject | undefined;
	let watched = false;
	try {
		while (!signal.aborted) {
			try {
				const onLost = (error: Error) => screen.note(tryingAgain(error));
				task = await persist(() => client.json<TaskObject>(path, { signal }), { signal, onLost });
			} catch (error) {
				if (signal.aborted) break;
				throw error;
			}
			const { session, run, waitingFor, phase } = task.status ?? {};
			// A short task is over before it can be watched: its events are shown all the same.
			if (session !== undefined && run !== undefined && !watched) {
				const patience = { first: Number.POSITIVE_INFINITY, later: Number.POSITIVE_INFINITY };
				await watchRun(client, { namespace, session, run, signal, patience }, screen);
				watched = true;
				continue;
			}
			if (isOver(task)) break;
			screen.working(waitingFor ?? `task ${name} is ${phase ?? "Pending"}`);
			await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
		}
	} finally {
		screen.rest();
	}
	return task;
}
