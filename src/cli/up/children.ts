import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { isAlive, processStart } from "../../../containers/node/process/process-table.ts";
import { writePrivateFile } from "./private-file.ts";

const recordSchema = z.object({
	name: z.string(),
	pid: z.number().int().positive(),
	/** Of that process and no later one with its id. */
	start: z.string(),
	/** Stands in its command line. */
	program: z.string(),
});
type ChildRecord = z.infer<typeof recordSchema>;

/** A process that was killed is gone at once, unless it waits for a disk. */
const GONE_MS = 5_000;

/** The processes that a `klaw up` started, on disk: whoever comes after it can stop what outlived it. */
export class Children {
	readonly #path: string;
	readonly #records = new Map<string, ChildRecord>();

	constructor(path: string) {
		this.#path = path;
	}

	/** `name` has one process at a time; a later one takes the place of an earlier. */
	record(name: string, pid: number, program: string): void {
		const start = processStart(pid);
		if (start === undefined) return;
		this.#records.set(name, { name, pid, start, program });
		writePrivateFile(this.#path, JSON.stringify([...this.#records.values()]));
	}

	/** To be called when all of them have ended. */
	clear(): void {
		this.#records.clear();
		rmSync(this.#path, { force: true });
	}
}

/**
 * Kills what an earlier `klaw up` left running, and returns its names. Only a process whose id, start and command line
 * are all those that were written down is touched.
 */
export async function killLeftovers(path: string): Promise<string[]> {
	const left = read(path).filter(isRunning);
	// It has lost its parent without a warning and may be lost the same way: everything here survives that.
	for (const { pid } of left) kill(pid);
	for (const end = Date.now() + GONE_MS; left.some(isRunning) && Date.now() < end; ) await sleep(10);
	rmSync(path, { force: true });
	return left.map(({ name }) => name);
}

function isRunning({ pid, start, program }: ChildRecord): boolean {
	return processStart(pid) === start && isAlive(pid, program);
}

function kill(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch (error) {
		// It ended by itself in the meantime.
		if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
	}
}

function read(path: string): ChildRecord[] {
	try {
		return z.array(recordSchema).parse(JSON.parse(readFileSync(path, "utf8")));
	} catch {
		// There was none, or it is not ours: then there is nobody whom it would be right to kill.
		return [];
	}
}
