import { posix } from "node:path";
import { CliError } from "../errors.ts";
import { sessionOf } from "../exec/session-of.ts";

/** A place in a session's workspace. */
export interface RemotePlace {
	/** Absent: that of the command line. */
	namespace?: string;
	session: string;
	/** Below the workspace, without `..`; the workspace itself is `.`. */
	path: string;
}

export type FileSpec = { type: "local"; path: string } | ({ type: "remote" } & RemotePlace);

/**
 * Reads `PATH`, `SESSION:PATH` or `NAMESPACE/SESSION:PATH`. A path that begins with `/` or `./` is local whatever else is in it.
 *
 * @throws CliError in kubectl's words where it has any
 */
export function readFileSpec(text: string): FileSpec {
	const colon = text.indexOf(":");
	if (colon === -1 || /^\.{0,2}\//.test(text) || isDrive(text)) {
		if (text === "") throw new CliError("filepath can not be empty");
		return { type: "local", path: text };
	}
	const place = text.slice(0, colon).split("/");
	const path = text.slice(colon + 1);
	const session = place.at(-1) ?? "";
	if (session === "" || place[0] === "" || place.length > 2)
		throw new CliError("filespec must match the canonical format: [[namespace/]pod:]file/path");
	if (path === "") throw new CliError("filepath can not be empty");
	const within = posix.normalize(path).replace(/(.)\/$/, "$1");
	if (within.startsWith("/") || within === ".." || within.startsWith("../"))
		throw new CliError(`"${path}" is not in the workspace. klaw cp copies files of a session's workspace: give a path relative to it.`);
	return { type: "remote", ...(place.length === 2 && { namespace: place[0] }), session: sessionOf(session), path: within };
}

function isDrive(text: string): boolean {
	return process.platform === "win32" && /^[A-Za-z]:[\\/]/.test(text);
}
