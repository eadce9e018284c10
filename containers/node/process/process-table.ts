/** What the operating system knows about processes: `/proc` on Linux, `ps` elsewhere (macOS). */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const LINUX = process.platform === "linux";

/**
 * When a process was started, as text that no later process with the same id has. `undefined`: there is no such
 * process, or it is dead and only waits to be reaped.
 */
export function processStart(pid: number): string | undefined {
	if (!LINUX) return ps("-o", "lstart=", "-p", String(pid))?.trim().replace(/\W+/g, "-") || undefined;
	return readStat(pid)?.start;
}

/** True while a process lives. The dead that nobody reaps (a container without an init) do not count. */
export function isRunning(pid: number): boolean {
	if (LINUX) return readStat(pid) !== undefined;
	try {
		return process.kill(pid, 0);
	} catch {
		return false; // there is no such process, or it is someone else's
	}
}

/** True while process `pid` lives and has `text` in its command line: an id alone may have been given to another. */
export function isAlive(pid: number, text: string): boolean {
	const commandLine = LINUX ? readText(`/proc/${pid}/cmdline`) : ps("-ww", "-o", "args=", "-p", String(pid));
	return commandLine?.includes(text) ?? false;
}

/** Ids of the live processes of a process group. */
export function groupMembers(group: number): number[] {
	if (LINUX) return allProcesses().filter((pid) => readStat(pid)?.group === group);
	const rows = (ps("-axo", "pid=,pgid=,state=") ?? "").split("\n").map((line) => line.trim().split(/\s+/));
	return rows.flatMap(([pid, pgid, state]) => (Number(pgid) === group && !state?.startsWith("Z") ? [Number(pid)] : []));
}

/**
 * Ids of the live processes whose environment holds every one of `variables` (`NAME=value`). Children inherit it, so
 * this also finds those that left their process group and session.
 */
export function processesWith(variables: readonly string[]): number[] {
	if (LINUX) {
		return allProcesses().filter((pid) => {
			const environment = readText(`/proc/${pid}/environ`);
			return environment !== undefined && variables.every((variable) => `\0${environment}`.includes(`\0${variable}\0`));
		});
	}
	const lines = ps("-axwwE", "-o", "pid=,command=")?.split("\n") ?? [];
	return lines
		.filter((line) => variables.every((variable) => `${line} `.includes(` ${variable} `)))
		.map((line) => Number.parseInt(line, 10));
}

function allProcesses(): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number);
}

/** From proc(5). `undefined` for the dead. */
function readStat(pid: number): { group: number; start: string } | undefined {
	const text = readText(`/proc/${pid}/stat`);
	// The second field is the name in brackets and may hold blanks and brackets itself.
	const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
	const [state, , group] = fields;
	const start = fields[19];
	return state === undefined || start === undefined || "ZX".includes(state) ? undefined : { group: Number(group), start };
}

function readText(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined; // the process ended, or belongs to someone else
	}
}

function ps(...args: string[]): string | undefined {
	try {
		return execFileSync("ps", args, {
			encoding: "utf8",
			env: { PATH: process.env.PATH, LC_ALL: "C" },
			stdio: ["ignore", "pipe", "ignore"],
		});
	} catch {
		return undefined; // ps says by its exit code that there is no such process
	}
}
