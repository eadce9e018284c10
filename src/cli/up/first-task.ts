import { randomBytes } from "node:crypto";
import type { ApiClient } from "../api-client.ts";
import { apiVersionOf, resourcePath } from "../api-resource.ts";
import { ApiError } from "../errors.ts";
import { TASK } from "../kinds.ts";
import { isOver, type TaskObject } from "../objects.ts";
import type { Screen } from "../render/screen.ts";
import { waitForTask } from "../task-wait.ts";

const NAME = "first-task";

/** Understood by a real model, and by `offline/shell`, which runs the lines that are commands. */
const PROMPT = `Run these, one after the other, and say what they show:
$ uname -srm
$ echo "klaw was here on $(date +%F)" > hello.txt && cat hello.txt
read hello.txt`;

export interface FirstTask {
	/** `before`: it has succeeded in an earlier start, and was not repeated. */
	done: "before" | "now";
	/** As it is now, or was when the time was up. */
	task: TaskObject | undefined;
}

/**
 * Runs a first task before the user's eyes. One that a crash interrupted is gone on with; one that has succeeded is
 * repeated only `again`.
 */
export async function runFirstTask(client: ApiClient, again: boolean, signal: AbortSignal, screen: Screen): Promise<FirstTask> {
	const earlier = await find(client, signal);
	if (!again && earlier?.status?.phase === "Succeeded") return { done: "before", task: earlier };
	const goesOn = earlier !== undefined && !isOver(earlier);
	const name = earlier && !goesOn ? `${NAME}-${randomBytes(4).toString("hex")}` : NAME;
	if (!goesOn) {
		const body = { apiVersion: apiVersionOf(TASK), kind: TASK.kind, metadata: { name }, spec: { agent: "default", prompt: PROMPT } };
		await client.json(resourcePath(TASK, "default"), { method: "POST", body, signal });
	}
	return { done: "now", task: await waitForTask(client, "default", name, signal, screen) };
}

async function find(client: ApiClient, signal: AbortSignal): Promise<TaskObject | undefined> {
	try {
		return await client.json<TaskObject>(resourcePath(TASK, "default", NAME), { signal });
	} catch (error) {
		if (error instanceof ApiError && error.code === 404) return undefined;
		throw error;
	}
}
