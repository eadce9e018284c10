import { execFile } from "node:child_process";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const FULL = "/dev/full";
/** Sequence numbers that the first call of a session may have. */
const FIRST_CALLS = [4, 5, 6, 7, 8];

/**
 * A disk for a node that can be filled: a file system of half a megabyte where this process may mount one, elsewhere a
 * directory in which single files lead to the device that is always full.
 */
export class TinyDisk {
	/** For the node's data. */
	readonly dir: string;
	readonly #mount: string;
	readonly #mounted: boolean;

	private constructor(mount: string, mounted: boolean) {
		this.#mount = mount;
		this.#mounted = mounted;
		this.dir = join(mount, "node");
	}

	static async make(path: string): Promise<TinyDisk> {
		await mkdir(path);
		const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=512k", "klaw-test", path]).then(
			() => true,
			() => false,
		);
		return new TinyDisk(path, mounted);
	}

	/** It can be filled, and is no stand-in for such a disk. */
	get isReal(): boolean {
		return this.#mounted;
	}

	/** A line of a prompt that makes a file of the workspace one that cannot hold anything; empty on a disk that can be filled. */
	linkToFull(file: string): string {
		return this.#mounted ? "" : `$ ln -s ${FULL} ${file}\n`;
	}

	/** Leaves no room for the record of a call, at least of the first one of the session. Returns what makes room again. */
	async fill(sessionUid: string): Promise<() => Promise<void>> {
		const filler = join(this.#mount, "filler");
		if (this.#mounted) {
			await run("dd", ["if=/dev/zero", `of=${filler}`, "bs=1k"]).catch(() => undefined);
			return () => rm(filler);
		}
		const calls = FIRST_CALLS.map((seq) => join(this.dir, "calls", `${sessionUid.replaceAll("-", "").slice(0, 16)}.${seq}.0`));
		for (const call of calls) {
			await mkdir(call, { recursive: true });
			await symlink(FULL, join(call, "call.json.tmp"));
		}
		return async () => void (await Promise.all(calls.map((call) => rm(call, { recursive: true }))));
	}

	async remove(): Promise<void> {
		if (this.#mounted) await run("umount", ["-l", this.#mount]);
	}
}
