import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { errorCode } from "../explain-error.ts";
import type { ProcessLimits } from "./limits.ts";

/** Length of a period of `cpu.max` in microseconds; the kernel's default. */
const PERIOD_US = 100_000;
const CONTROLLERS = "+memory +cpu";
const ROOT = "/sys/fs/cgroup";

/**
 * A cgroup (version 2) for each session, below one of this node's own. See
 * https://docs.kernel.org/admin-guide/cgroup-v2.html.
 */
export class Cgroups {
	readonly #dir: string;
	/** OOM kills that were told already, by workspace. */
	readonly #told = new Map<string, number>();

	private constructor(dir: string) {
		this.#dir = dir;
	}

	/**
	 * `undefined` where this process may not make cgroups with a memory limit: version 1, a read-only file system as in most
	 * containers, or a cgroup that is not delegated.
	 *
	 * @param own the directory of this process' own cgroup
	 * @param name of the node's
	 */
	static open(own: string, name: string): Cgroups | undefined {
		const dir = join(own, name);
		try {
			if (!readFileSync(join(own, "cgroup.controllers"), "utf8").split(/\s/).includes("memory")) return undefined;
			delegate(own);
			mkdirSync(dir, { recursive: true });
			writeFileSync(join(dir, "cgroup.subtree_control"), CONTROLLERS);
			return existsSync(join(dir, "memory.max")) ? new Cgroups(dir) : undefined;
		} catch {
			return undefined;
		}
	}

	/** Makes a session's cgroup and gives it its limits. Returns the line of sh that moves a process into it; `undefined`: it cannot be. */
	enter(workspace: string, { memory, cpu, areGuessed }: ProcessLimits): string | undefined {
		const dir = this.#of(workspace);
		try {
			const isNew = mkdirSync(dir, { recursive: true }) !== undefined;
			if (isNew || !areGuessed) {
				writeFileSync(join(dir, "memory.max"), String(memory));
				writeFileSync(join(dir, "cpu.max"), cpu === undefined ? "max" : `${Math.ceil(cpu * PERIOD_US)} ${PERIOD_US}`);
			}
			this.#told.set(workspace, this.#kills(workspace));
		} catch {
			return undefined;
		}
		return `{ echo 0 >'${dir}/cgroup.procs'; } 2>/dev/null`;
	}

	/** True when the kernel killed something of the session for its memory since it was entered or asked last. */
	takeOutOfMemory(workspace: string): boolean {
		const kills = this.#kills(workspace);
		const news = kills > (this.#told.get(workspace) ?? 0);
		this.#told.set(workspace, kills);
		return news;
	}

	remove(workspace: string): void {
		this.#told.delete(workspace);
		try {
			rmdirSync(this.#of(workspace));
		} catch {
			// Never made, or the kernel has yet to reap the last process: an empty cgroup costs nothing.
		}
	}

	#of(workspace: string): string {
		// Quoted for sh; the names of workspaces are safe names.
		return join(this.#dir, basename(workspace));
	}

	#kills(workspace: string): number {
		try {
			return Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(this.#of(workspace), "memory.events"), "utf8"))?.[1] ?? 0);
		} catch {
			return 0;
		}
	}
}

/** Lets the children of a cgroup have limits. */
function delegate(own: string): void {
	const control = join(own, "cgroup.subtree_control");
	try {
		writeFileSync(control, CONTROLLERS);
	} catch (error) {
		// EBUSY: a cgroup has either processes or limited children. That of a container is all ours, so what is in it moves down.
		if (errorCode(error) !== "EBUSY" || own !== ROOT) throw error;
		const leaf = join(own, "runtime");
		mkdirSync(leaf, { recursive: true });
		for (const pid of readFileSync(join(own, "cgroup.procs"), "utf8").trim().split("\n")) writeFileSync(join(leaf, "cgroup.procs"), pid);
		writeFileSync(control, CONTROLLERS);
	}
}

/** Directory of the cgroup that this process is in; `undefined` where version 2 is not what counts. */
export function ownCgroup(): string | undefined {
	try {
		const path = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
		return path !== undefined && existsSync(join(ROOT, "cgroup.controllers")) ? join(ROOT, path) : undefined;
	} catch {
		return undefined;
	}
}
