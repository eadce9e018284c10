import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../api-client.ts";
import { resourcePath } from "../api-resource.ts";
import { ApiError, CliError, isTransient } from "../errors.ts";
import { NODE } from "../kinds.ts";
import type { NodeObject } from "../objects.ts";
import { logTail } from "./log-file.ts";

const POLL_MS = 25;

/** Waits until the API server answers. @throws CliError after `patienceMs` */
export async function untilHealthy(server: string, patienceMs: number, signal: AbortSignal): Promise<void> {
	const healthy = () =>
		fetch(`${server}/healthz`, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) }).then(
			(response) => response.ok,
			() => false,
		);
	if (!(await until(healthy, patienceMs, signal))) throw new CliError(`${server}/healthz did not answer within ${patienceMs / 1000} s.`);
}

/** Waits until a node is Ready, and returns it. @throws CliError after `patienceMs`, with the end of its log */
export async function untilNodeReady(
	client: ApiClient,
	{ name, logFile }: { name: string; logFile: string },
	patienceMs: number,
	signal: AbortSignal,
): Promise<NodeObject> {
	let node: NodeObject | undefined;
	const ready = async () => {
		try {
			node = await client.json<NodeObject>(resourcePath(NODE, "", name), { signal });
		} catch (error) {
			if (!isTransient(error) && !(error instanceof ApiError && error.code === 404)) throw error;
			return false;
		}
		return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
	};
	if ((await until(ready, patienceMs, signal)) && node) return node;
	throw new CliError(`The node ${name} was not Ready within ${patienceMs / 1000} s. It said:\n${logTail(logFile)}`);
}

/** False when the time is up. @throws the signal's reason */
async function until(condition: () => Promise<boolean>, patienceMs: number, signal: AbortSignal): Promise<boolean> {
	for (const end = Date.now() + patienceMs; ; ) {
		if (await condition()) return true;
		signal.throwIfAborted();
		if (Date.now() >= end) return false;
		await sleep(POLL_MS, undefined, { signal });
	}
}
