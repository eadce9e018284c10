import { chownSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "../explain-error.ts";
import type { UnixUser } from "./sandbox.ts";

/** Makes a directory that only one user may enter. One that is there stays as it is. */
export function makePrivate(path: string, user?: UnixUser): void {
	try {
		mkdirSync(path, { mode: 0o700 });
	} catch (error) {
		if (errorCode(error) === "EEXIST") return;
		if (errorCode(error) !== "ENOENT") throw error;
		mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
		mkdirSync(path, { mode: 0o700 });
	}
	if (user) chownSync(path, user.uid, user.gid);
}
