import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { ApiClient } from "../api-client.ts";
import { CliError } from "../errors.ts";
import type { ExecSocket } from "../exec/exec-socket.ts";
import { openExec } from "../exec/open-exec.ts";
import type { Io } from "../io.ts";
import { CopyProgress } from "./copy-progress.ts";
import type { RemotePlace } from "./file-spec.ts";
import { packDirectory } from "./pack-directory.ts";
import { commandOf, TAKE_DIRECTORY, TAKE_FILE } from "./scripts.ts";
import { TakenInput } from "./taken-input.ts";

/**
 * Copies a file or directory into a workspace. Into a directory that is there it goes under its own name, as with cp. A
 * file is there whole or not at all.
 *
 * @throws CliError
 */
export async function upload(client: ApiClient, io: Io, from: string, to: Required<RemotePlace>): Promise<void> {
	const local = resolve(io.cwd, from);
	const stats = await stat(local).catch(() => undefined);
	if (!stats) throw new CliError(`${from} doesn't exist in local filesystem`);
	if (!stats.isDirectory() && !stats.isFile()) throw new CliError(`${from} is neither a file nor a directory.`);
	// `dir/.` is what is in the directory, not the directory.
	const name = /(?:^|[\\/])\.[\\/]?$/.test(from) ? "" : basename(local);
	const path = `./${to.path}`;
	const command = stats.isDirectory()
		? commandOf(TAKE_DIRECTORY, path, name)
		: commandOf(TAKE_FILE, path, name, stats.mode & 0o111 ? "755" : "644", String(stats.size));
	const skipped = (file: string) => io.stderr.write(`warning: skipping ${file}: it is neither a file nor a directory\n`);
	const contents = stats.isDirectory() ? packDirectory(local, skipped) : createReadStream(local);
	const progress = new CopyProgress(io.stderr, Date.now, stats.isDirectory() ? undefined : stats.size);

	const socket = await openExec(client, io.stderr, { namespace: to.namespace, session: to.session, command, stdin: true });
	const forget = io.onInterrupt(() => socket.close());
	const taken = new TakenInput();
	try {
		const sent = send(contents, socket, taken);
		const exitCode = await Promise.race([ended(socket, taken, progress), sent.then(() => new Promise<never>(() => undefined))]);
		progress.end();
		const said = taken.said.trim();
		if (exitCode !== 0) throw new CliError(said || `The copy failed in the workspace with exit code ${exitCode}.`);
		await sent;
		// Such as that the file is there, and in no checkpoint.
		if (said !== "") io.stderr.write(`${said}\n`);
	} finally {
		progress.end();
		forget();
		socket.close();
		taken.end();
	}
}

/** @throws what reading threw: the copy is not to go on then */
async function send(contents: AsyncIterable<Uint8Array>, socket: ExecSocket, taken: TakenInput): Promise<void> {
	for await (const piece of contents) {
		await socket.write(piece);
		if (!(await taken.sent(piece.byteLength))) return;
	}
	await socket.end();
}

async function ended(socket: ExecSocket, taken: TakenInput, progress: CopyProgress): Promise<number> {
	const output = socket.output();
	for (;;) {
		const { done, value } = await output.next();
		if (done) {
			taken.end();
			return value;
		}
		if (value.channel === "stderr") taken.read(value.bytes.toString());
		progress.at(taken.taken);
	}
}
