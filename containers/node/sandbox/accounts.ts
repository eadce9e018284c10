import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../explain-error.ts";
import type { UnixUser } from "./sandbox.ts";

/**
 * Entries of the session users in /etc/passwd and /etc/group, so that whoami, git, ssh, Python and Java know who they are
 * and where they live. Only for a machine that is the node's alone, such as a container of the node's image: the accounts
 * of a server are not klaw's to change.
 *
 * Everybody may read those files, and a node may serve another namespace later, so neither a session's name nor the path
 * of its workspace stands there: the home directory is a link in a directory that only the session may enter.
 *
 * The runtime alone writes the files, in one synchronous step, and they are replaced at once, so whoever reads them
 * meanwhile sees them whole. Where they cannot be replaced (a read-only or a mounted file) sessions do without.
 */
export class Accounts {
	readonly #root: string;
	readonly #log: (line: string) => void;
	/** Those that were entered already, by uid: their workspaces. */
	readonly #known = new Map<number, string>();
	#failed = false;

	/** @param root of the file system */
	constructor(log: (line: string) => void, root = "/") {
		this.#log = log;
		this.#root = root;
	}

	/** Enters a user whose home is the workspace. Nothing when it is there already. */
	add(user: UnixUser, workspace: string): void {
		if (this.#failed || this.#known.get(user.uid) === workspace) return;
		const { uid, gid } = user;
		const name = accountName(user);
		try {
			this.#replace("passwd", name, `${name}:x:${uid}:${gid}:klaw session:${join("/home", name, LINK)}:/bin/bash`);
			this.#replace("group", name, `${name}:x:${gid}:`);
			this.#makeHome(user, workspace);
			this.#known.set(uid, workspace);
		} catch (error) {
			// Once: it is no better for the next session.
			this.#failed = true;
			this.#log(`Sessions have no names in /etc/passwd, since it cannot be changed (${errorCode(error) ?? error}).`);
		}
	}

	/** The session is gone. */
	remove(user: UnixUser): void {
		const name = accountName(user);
		this.#known.delete(user.uid);
		if (this.#failed) return;
		try {
			this.#replace("passwd", name);
			this.#replace("group", name);
			rmSync(join(this.#root, "home", name), { recursive: true, force: true });
		} catch (error) {
			this.#log(`The entry of ${name} stays in /etc/passwd (${errorCode(error) ?? error}).`);
		}
	}

	/** Root's, so that the session cannot keep files beside its workspace, where they would be in no checkpoint. */
	#makeHome(user: UnixUser, workspace: string): void {
		const home = join(this.#root, "home", accountName(user));
		rmSync(home, { recursive: true, force: true });
		mkdirSync(home, { recursive: true, mode: 0o750 });
		chownSync(home, 0, user.gid);
		chmodSync(home, 0o750);
		symlinkSync(workspace, join(home, LINK));
	}

	/** Puts a line in the place of what a file of /etc says about a name; without a line, takes that away. */
	#replace(file: "passwd" | "group", name: string, line?: string): void {
		const path = join(this.#root, "etc", file);
		const before = readFileSync(path, "utf8");
		const others = before.split("\n").filter((each) => each !== "" && !each.startsWith(`${name}:`));
		const after = `${[...others, ...(line === undefined ? [] : [line])].join("\n")}\n`;
		if (after === before) return;
		const partial = `${path}.klaw`;
		writeFileSync(partial, after);
		chmodSync(partial, 0o644);
		renameSync(partial, path);
	}
}

/** In the home directory of {@link Accounts}. */
const LINK = "workspace";

/** Name of a session's user where it has one. */
export function accountName({ uid }: UnixUser): string {
	return `klaw-${uid}`;
}
