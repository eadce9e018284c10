import { randomInt } from "node:crypto";
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { UnixUser } from "./sandbox.ts";

/** Numbers of users, `last` included. */
export interface UserRange {
	readonly first: number;
	readonly last: number;
}

/**
 * Where session users may come from, the best first.
 *
 * The first is in nobody's hands by systemd's list of uid ranges (https://systemd.io/UIDS-GIDS: 0x70000000 to 0x7ffdffff
 * is unused), so no account, no rootless container (/etc/subuid begins at 100000) and no DynamicUser has one of them. It is
 * so wide that the random numbers of two nodes on one machine do not meet. The second is for a container of a user
 * namespace, in which only the numbers below 65536 exist.
 */
export const USER_RANGES: readonly UserRange[] = [
	{ first: 0x7000_0000, last: 0x77ff_ffff },
	{ first: 20_000, last: 59_999 },
];

/** The owner of a file of a session; `undefined` for one that belongs to no session. */
export function sessionUser(path: string, { first, last }: UserRange): UnixUser | undefined {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	return stats && stats.uid >= first && stats.uid <= last ? { uid: stats.uid, gid: stats.uid } : undefined;
}

/**
 * A number that nothing in these directories has. Its group has the same.
 *
 * @param directories of workspaces, and of what outlives a workspace until all that its user left is gone
 */
export function freeUser(directories: readonly string[], range: UserRange): UnixUser {
	const there = directories.filter((directory) => existsSync(directory));
	const things = there.flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)));
	const taken = new Set(things.map((path) => sessionUser(path, range)?.uid));
	for (;;) {
		const uid = randomInt(range.first, range.last + 1);
		if (!taken.has(uid)) return { uid, gid: uid };
	}
}

/** So few numbers that a session may be given one that another had before it. */
export function isReused({ last }: UserRange): boolean {
	return last < 2 ** 16;
}
