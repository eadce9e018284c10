/** What the operating system says that the processes of workspaces use. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mark } from "../bash/environment.ts";
import type { UnixUser } from "../sandbox/sandbox.ts";

export interface ProcessUse {
	pid: number;
	parent: number;
	/** Tells it from a later process with its id. */
	start: string;
	/** Name of its workspace. */
	workspace: string;
	/** Seconds of CPU of itself and of the children that it has waited for. */
	cpuSeconds: number;
	/** Bytes of resident memory. */
	memory: number;
}

/** Ticks a second of the times in /proc: the kernel's ABI, whatever its own clock is. */
const TICKS = 100;

/**
 * Every live process that a call or a person's command started in a workspace of this data directory.
 *
 * @param owners whose every process counts, by the name of the workspace
 */
export function workspaceProcesses(dataDir: string, owners: ReadonlyMap<string, UnixUser> = new Map()): ProcessUse[] {
	const names = new Map([...owners].map(([name, { uid }]) => [uid, name]));
	return process.platform === "linux" ? fromProc(dataDir, names) : fromPs(dataDir);
}

function fromProc(dataDir: string, owners: ReadonlyMap<number, string>): ProcessUse[] {
	const uses: ProcessUse[] = [];
	for (const name of readdirSync("/proc")) {
		if (!/^\d+$/.test(name)) continue;
		try {
			const status = readFileSync(`/proc/${name}/status`, "utf8");
			// Not by its environment, which root in a container may not read (it has no CAP_SYS_PTRACE).
			const workspace = owners.get(Number(/^Uid:\t(\d+)/m.exec(status)?.[1])) ?? markedWorkspace(dataDir, name);
			if (workspace === undefined) continue;
			const stat = readFileSync(`/proc/${name}/stat`, "utf8");
			// From proc(5); the second field is the name in brackets and may hold blanks and brackets itself.
			const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
			const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
			const memory = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
			uses.push({ pid: Number(name), parent: Number(fields[1]), start: fields[19] ?? "", workspace, cpuSeconds: ticks / TICKS, memory });
		} catch {
			// It ended, or belongs to someone else.
		}
	}
	return uses;
}

function markedWorkspace(dataDir: string, pid: string): string | undefined {
	const environment = `\0${readFileSync(`/proc/${pid}/environ`, "utf8")}`;
	if (!environment.includes(`\0${mark.node(dataDir)}\0`)) return undefined;
	return workspaceOf(/\0KLAW_WORKSPACE=([^\0]*)\0/.exec(environment)?.[1]);
}

function fromPs(dataDir: string): ProcessUse[] {
	let text: string;
	try {
		text = execFileSync("ps", ["-axwwE", "-o", "pid=,ppid=,rss=,time=,lstart=,command="], {
			encoding: "utf8",
			env: { PATH: process.env.PATH, LC_ALL: "C" },
			stdio: ["ignore", "pipe", "ignore"],
			maxBuffer: 64 * 2 ** 20,
		});
	} catch {
		return []; // no figures are better than no answer
	}
	return text.split("\n").flatMap((line) => {
		if (!`${line} `.includes(` ${mark.node(dataDir)} `)) return [];
		const row = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s/.exec(line);
		const path = / KLAW_WORKSPACE=(\S+)/.exec(line)?.[1];
		if (!row) return [];
		const [, pid, parent, kilobytes, time = "0", start = ""] = row;
		const cpuSeconds = time.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0);
		return [
			{ pid: Number(pid), parent: Number(parent), start, workspace: workspaceOf(path), cpuSeconds, memory: Number(kilobytes) * 1024 },
		];
	});
}

function workspaceOf(path = ""): string {
	return path.slice(path.lastIndexOf("/") + 1);
}
