import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Klaw } from "./klaw-process.ts";

const run = promisify(execFile);
const EVERY_MS = 20;

interface Peak {
	/** `workerd` or `node`. */
	name: string;
	/** The most that it held in memory at one of the looks. */
	bytes: number;
}

/** Watches the memory of what `klaw up` has started, until it is stopped. */
export function peakMemory(klaw: Klaw): { stop(): Promise<Peak[]> } {
	const children = JSON.parse(readFileSync(join(klaw.data, "run", "children.json"), "utf8")) as { name: string; pid: number }[];
	const peaks = children.map(({ name, pid }) => ({ name, pid, bytes: 0 }));
	let stopped = false;
	const watch = async () => {
		while (!stopped) {
			for (const peak of peaks) peak.bytes = Math.max(peak.bytes, await residentBytes(peak.pid));
			await sleep(EVERY_MS);
		}
	};
	const watching = watch();
	return {
		async stop() {
			stopped = true;
			await watching;
			return peaks.map(({ name, bytes }) => ({ name, bytes }));
		},
	};
}

async function residentBytes(pid: number): Promise<number> {
	const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
	return Number(stdout) * 1024;
}
