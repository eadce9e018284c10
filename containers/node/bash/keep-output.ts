import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CallRecord } from "../call-record.ts";
import { errorCode } from "../explain-error.ts";
import { confine } from "../workspace/confine.ts";

/**
 * Gives the whole output of a call a name in the workspace, so that the read tool and other commands get at it.
 * Nothing is copied.
 *
 * @returns the path relative to the workspace
 */
export async function keepOutput(record: CallRecord, workspace: string): Promise<string> {
	const path = join(".klaw", "output", `${record.call.callId}.txt`);
	const real = await confine(workspace, path);
	await mkdir(dirname(real), { recursive: true });
	// Not for anyone's repository.
	await writeFile(await confine(workspace, join(".klaw", ".gitignore")), "*\n");
	try {
		await link(record.path("output"), real);
	} catch (error) {
		// There from an earlier try, before the runtime was killed; or something of the workspace's own.
		if (errorCode(error) !== "EEXIST") throw error;
		await rm(real);
		await link(record.path("output"), real);
	}
	return path;
}
