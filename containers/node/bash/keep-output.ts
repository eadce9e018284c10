import { constants } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CallRecord } from "../call-record.ts";
import { errorCode } from "../explain-error.ts";
import { confine } from "../workspace/confine.ts";
import { openDirectory } from "../workspace/directory.ts";

const DIRECTORY = join(".klaw", "output");

/**
 * Gives the whole output of a call a name in the workspace, so that the read tool and other commands get at it.
 * Nothing is copied.
 *
 * @returns the path relative to the workspace
 */
export async function keepOutput(record: CallRecord, workspace: string): Promise<string> {
	await ignore(workspace);
	const name = `${record.call.callId}.txt`;
	const directory = await openDirectory(workspace, await confine(workspace, DIRECTORY), true);
	try {
		const path = directory.path(name);
		try {
			await link(record.path("output"), path);
		} catch (error) {
			// There from an earlier try, before the runtime was killed; or something of the workspace's own.
			if (errorCode(error) !== "EEXIST") throw error;
			await rm(path);
			await link(record.path("output"), path);
		}
		const output = await open(record.path("output"), constants.O_RDONLY);
		try {
			await directory.give(output);
			await output.chmod(0o644);
		} finally {
			await output.close();
		}
	} finally {
		await directory.close();
	}
	return join(DIRECTORY, name);
}

/** What is in `.klaw` is not for anyone's repository. */
async function ignore(workspace: string): Promise<void> {
	const directory = await openDirectory(workspace, await confine(workspace, ".klaw"), true);
	try {
		const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
		const file = await open(directory.path(".gitignore"), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
		try {
			await file.writeFile("*\n");
			await directory.give(file);
		} finally {
			await file.close();
		}
	} catch (error) {
		if (errorCode(error) !== "EEXIST") throw error;
	} finally {
		await directory.close();
	}
}
