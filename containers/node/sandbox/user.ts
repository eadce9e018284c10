import { execFile } from "node:child_process";
import { chmodSync, lchownSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { removeTree } from "../workspace/remove-tree.ts";
import { type Accounts, accountName } from "./accounts.ts";
import { becoming } from "./as-user.ts";
import type { Cgroups } from "./cgroups.ts";
import type { Crowds } from "./crowds.ts";
import { limitLines, type ProcessLimits } from "./limits.ts";
import { makePrivate } from "./make-private.ts";
import { type Places, temporaryOf } from "./places.ts";
import { removeFilesOf } from "./remove-files-of.ts";
import { KILLED_FIRST, type Sandbox } from "./sandbox.ts";
import { freeUser, isReused, sessionUser, type UserRange } from "./unix-users.ts";

const run = promisify(execFile);

export interface UserSandboxOptions {
	/** Path of setpriv, of util-linux. */
	setpriv: string;
	places: Pick<Places, "dataDir">;
	range: UserRange;
	cgroups?: Cgroups | undefined;
	crowds?: Crowds;
	/** Absent: session users have numbers and no names. */
	accounts?: Accounts | undefined;
}

/**
 * Every session is a Unix user of its own, without a right beyond its files: the workspace directory is its, mode 0700,
 * and that is also the record of who is who.
 *
 * What the session starts can do to itself whatever it likes; the runtime, its journal and the other sessions are another
 * user's.
 */
export function userSandbox({ setpriv, places, range, cgroups, crowds, accounts }: UserSandboxOptions): Sandbox {
	const userOf = (workspace: string) => sessionUser(workspace, range);
	/** As a call or a person's command said them last, by workspace. */
	const said = new Map<string, ProcessLimits>();
	return {
		isolation: "user",
		userOf,
		async adopt(workspace) {
			const known = userOf(workspace);
			if (known) {
				accounts?.add(known, workspace);
				return void makePrivate(temporaryOf(places, workspace), known);
			}
			// Synchronous from the choice to the change, so that two workspaces do not choose the same.
			const user = freeUser([dirname(workspace), dirname(temporaryOf(places, workspace))], range);
			chmodSync(workspace, 0o700);
			lchownSync(workspace, user.uid, user.gid);
			makePrivate(temporaryOf(places, workspace), user);
			accounts?.add(user, workspace);
			// Files that were there before sessions had users. chown(1) walks without following a link, whatever happens meanwhile.
			if (readdirSync(workspace).length > 0) await run("chown", ["-hR", `${user.uid}:${user.gid}`, workspace]);
		},
		launch(workspace, command, given) {
			const limits = given.areGuessed ? { ...(said.get(workspace) ?? given), areGuessed: true } : given;
			if (!given.areGuessed) said.set(workspace, given);
			const user = userOf(workspace);
			if (!user) throw new Error(`The workspace ${workspace} belongs to no session's user, so nothing can be run in it.`);
			if (limits.processes !== undefined) crowds?.watch(workspace, user, limits.processes);
			const group = cgroups?.enter(workspace, limits);
			return {
				setup: [KILLED_FIRST, group ?? "", limitLines(limits, group !== undefined)].join("\n"),
				argv: [...becoming(setpriv, user), ...command],
			};
		},
		environment(workspace) {
			const user = userOf(workspace);
			// Without an entry in /etc/passwd this is all that programs find when they look for its name.
			const name = accounts && user ? accountName(user) : "klaw";
			return { USER: name, LOGNAME: name, TMPDIR: temporaryOf(places, workspace) };
		},
		takeRemark(workspace) {
			const limit = crowds?.takeEnded(workspace);
			if (limit !== undefined) return `the session stayed at its limit of ${limit} processes, so all of them were killed`;
			return cgroups?.takeOutOfMemory(workspace)
				? "the session used all the memory that it may, and a process of it was killed"
				: undefined;
		},
		async forget(workspace) {
			const temporary = temporaryOf(places, workspace);
			// The workspace is gone, and this directory has the same owner.
			const user = sessionUser(temporary, range);
			if (user && isReused(range)) await removeFilesOf(user);
			// Last: as long as it is there its owner's number is given to nobody, also when this is done again after a restart.
			await removeTree(temporary);
			if (user) accounts?.remove(user);
			said.delete(workspace);
			cgroups?.remove(workspace);
			crowds?.forget(workspace);
		},
	};
}
