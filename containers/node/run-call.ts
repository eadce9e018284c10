import { setTimeout as sleep } from "node:timers/promises";
import type { RunCall } from "./calls.ts";
import { processLimits } from "./sandbox/limits.ts";
import { Stopped, whenStopped } from "./stopped.ts";
import { cutMiddle, grouped } from "./text.ts";
import type { Timing } from "./timing.ts";
import { failed, type Outcome, ToolError } from "./tools/node-tool.ts";
import { EXECUTIONS, findExecution } from "./tools/registry.ts";
import type { Workspaces } from "./workspace/workspaces.ts";

/** A stopped tool has so long to say how it ended; after that the disk is wedged, and the call must not be. */
const OVERDUE_MS = 10_000;

/** Runs calls with the tools of the registry, each within its time and its workspace. */
export function callRunner({ workspaces, timing, log }: { workspaces: Workspaces; timing: Timing; log(line: string): void }): RunCall {
	return async (record, stop, output) => {
		const { tool, workspace, timeoutMs } = record.call;
		const execution = findExecution(tool);
		if (!execution) return failed(`This node has no tool "${tool}". It has ${EXECUTIONS.map(({ name }) => name).join(", ")}.`);

		// A command that an earlier runtime started has what is left of its time.
		const startedAt = record.writtenAt("started") ?? Date.now();
		const timer = setTimeout(() => stop.abort(Stopped.timeout(timeoutMs)), startedAt + timeoutMs - Date.now());
		try {
			const outcome = await Promise.race([
				execution.run(record.call.arguments, {
					...{ record, workspace: await workspaces.open(workspace), output, timing, log },
					...{ sandbox: workspaces.sandbox, limits: processLimits(record.call.limits, timeoutMs) },
					...{ signal: stop.signal, stop: (why: Stopped) => stop.abort(why) },
				}),
				overdue(stop.signal),
			]);
			// bash cuts by itself and keeps the whole.
			if (outcome.outputFile !== undefined || tool === "bash") return outcome;
			return { ...outcome, content: cutMiddle(outcome.content, (omitted) => `... (${grouped(omitted)} characters left out) ...`) };
		} catch (error) {
			if (error instanceof Stopped && error.kind !== "detach") return failed(error.message);
			if (error instanceof ToolError) return failed(error.message);
			throw error;
		} finally {
			clearTimeout(timer);
		}
	};
}

async function overdue(signal: AbortSignal): Promise<Outcome> {
	const stopped = await whenStopped(signal);
	await sleep(OVERDUE_MS, undefined, { ref: false });
	if (stopped.kind === "detach") throw stopped;
	return { ...failed(`${stopped.message}; the node could not stop it, so its outcome is unknown`), unknown: true };
}
