/** What the operating system knows about processes: `/proc` on Linux, `ps` elsewhere (macOS). */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { asUser } from "../sandbox/as-user.ts";
import type { UnixUser } from "../sandbox/sandbox.ts";

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
 *
 * @param users whose processes count as well, where this process may not read their environment: root in a container has
 * no CAP_SYS_PTRACE
 */
export function processesWith(variables: readonly string[], users: readonly UnixUser[] = []): number[] {
	if (LINUX) {
		const unread: number[] = [];
		const found = allProcesses().filter((pid) => {
			const environment = readText(`/proc/${pid}/environ`);
			if (environment === undefined) unread.push(pid);
			return environment !== undefined && variables.every((variable) => `\0${environment}`.includes(`\0${variable}\0`));
		});
		return [...found, ...users.flatMap((user) => readAs(user, unread, variables))];
	}
	const lines = ps("-axwwE", "-o", "pid=,command=")?.split("\n") ?? [];
	return lines
		.filter((line) => variables.every((variable) => `${line} `.includes(` ${variable} `)))
		.map((line) => Number.parseInt(line, 10));
}

/** Ids of the live processes of a user, of which none can hide: this is the kernel's word, not their own. */
export function processesOf({ uid }: UnixUser): number[] {
	return allProcesses().filter((pid) => usersOf(pid).includes(uid));
}

/** Processes and threads of each of the users, as RLIMIT_NPROC counts them. */
export function tasksOf(users: readonly UnixUser[]): Map<number, number> {
	const counts = new Map(users.map(({ uid }) => [uid, 0]));
	for (const pid of allProcesses()) {
		const status = readText(`/proc/${pid}/status`);
		const uid = Number(/^Uid:\t(\d+)/m.exec(status ?? "")?.[1] ?? Number.NaN);
		const count = counts.get(uid);
		if (count !== undefined) counts.set(uid, count + Number(/^Threads:\t(\d+)/m.exec(status ?? "")?.[1] ?? 1));
	}
	return counts;
}

/** Real, effective, saved and file system user of a live process. */
function usersOf(pid: number): number[] {
	const status = readText(`/proc/${pid}/status`);
	if (status === undefined || /^State:\t[ZX]/m.test(status)) return [];
	return /^Uid:\t(.*)$/m.exec(status)?.[1]?.split("\t").map(Number) ?? [];
}

/** The same as {@link processesWith} by a process of the user itself, which may look at its own. */
function readAs(user: UnixUser, pids: readonly number[], variables: readonly string[]): number[] {
	const own = pids.filter((pid) => usersOf(pid).includes(user.uid));
	if (own.length === 0) return [];
	const patterns = variables.flatMap((variable) => ["-e", variable]);
	const files = own.map((pid) => `/proc/${pid}/environ`);
	// Whole NUL-terminated entries, counted for each file.
	const { file, args } = asUser(user, ["grep", "-sczxF", "-H", ...patterns, "--", ...files]);
	const { stdout } = spawnSync(file, args, {
		cwd: "/",
		encoding: "utf8",
		env: { PATH: process.env.PATH },
	});
	return (stdout ?? "").split("\n").flatMap((line) => {
		const [, pid, count] = /^\/proc\/(\d+)\/environ:(\d+)$/.exec(line) ?? [];
		return Number(count) === variables.length ? [Number(pid)] : [];
	});
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
