import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallRecord } from "./call-record.ts";
import type { RunCall } from "./calls.ts";
import { DiskLimits } from "./sandbox/disk-limits.ts";
import { diskUse } from "./sandbox/disk-use.ts";
import { DEFAULTS, processLimits } from "./sandbox/limits.ts";
import { temporaryOf } from "./sandbox/places.ts";
import { Stopped, whenStopped } from "./stopped.ts";
import { cutMiddle, grouped } from "./text.ts";
import type { Timing } from "./timing.ts";
import { failed, type Outcome, ToolError } from "./tools/node-tool.ts";
import { CHANGE_NOTHING, EXECUTIONS, findExecution } from "./tools/registry.ts";
import type { Workspaces } from "./workspace/workspaces.ts";

/** A stopped tool has so long to say how it ended; after that the disk is wedged, and the call must not be. */
const OVERDUE_MS = 10_000;

/** Runs calls with the tools of the registry, each within its time and its workspace. */
export function callRunner({ workspaces, timing, log }: { workspaces: Workspaces; timing: Timing; log(line: string): void }): RunCall {
	const disk = new DiskLimits();
	const watchDisk = (root: string, { dir, call }: CallRecord, stop: AbortController) => {
		// The journal is a directory of the data directory, and a call's record one of the journal.
		const temporary = temporaryOf({ dataDir: dirname(dirname(dir)) }, root);
		const options = {
			use: () => diskUse([root, temporary]),
			limit: async () => call.limits?.ephemeralStorage ?? (await sizeOfDisk(root)) * DEFAULTS.diskShare,
			quiet: () => workspaces.quiet(root),
		};
		return disk.watch(root, options, (why) => stop.abort(Stopped.cancel(why)));
	};
	return async (record, stop, output) => {
		const { tool, workspace, timeoutMs } = record.call;
		const execution = findExecution(tool);
		if (!execution) return failed(`This node has no tool "${tool}". It has ${EXECUTIONS.map(({ name }) => name).join(", ")}.`);

		// A command that an earlier runtime started has what is left of its time.
		const startedAt = record.writtenAt("started") ?? Date.now();
		const timer = setTimeout(() => stop.abort(Stopped.timeout(timeoutMs)), startedAt + timeoutMs - Date.now());
		try {
			const root = await workspaces.open(workspace);
			const watch = CHANGE_NOTHING.has(tool) ? undefined : watchDisk(root, record, stop);
			let outcome: Outcome;
			try {
				outcome = await Promise.race([
					execution.run(record.call.arguments, {
						...{ record, workspace: root, output, timing, log },
						...{ sandbox: workspaces.sandbox, limits: processLimits(record.call.limits, timeoutMs) },
						...{ signal: stop.signal, stop: (why: Stopped) => stop.abort(why) },
					}),
					overdue(stop.signal),
				]);
				const remark = await watch?.end();
				if (remark !== undefined) outcome = { ...outcome, content: `${outcome.content}\n\n${remark}` };
			} finally {
				watch?.leave();
			}
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

async function sizeOfDisk(path: string): Promise<number> {
	const { blocks, bsize } = await statfs(path);
	return blocks * bsize;
}

async function overdue(signal: AbortSignal): Promise<Outcome> {
	const stopped = await whenStopped(signal);
	await sleep(OVERDUE_MS, undefined, { ref: false });
	if (stopped.kind === "detach") throw stopped;
	return { ...failed(`${stopped.message}; the node could not stop it, so its outcome is unknown`), unknown: true };
}
