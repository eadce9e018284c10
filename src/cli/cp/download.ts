import { chmod, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, posix, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ApiClient } from "../api-client.ts";
import { CliError } from "../errors.ts";
import type { ExecSocket } from "../exec/exec-socket.ts";
import { openExec } from "../exec/open-exec.ts";
import type { Io } from "../io.ts";
import { CopyProgress } from "./copy-progress.ts";
import type { RemotePlace } from "./file-spec.ts";
import { commandOf, SEND } from "./scripts.ts";
import { unpackDirectory } from "./unpack-directory.ts";

/**
 * Copies a file or directory out of a workspace. Into a directory that is there it goes under its own name, as with cp. A
 * file is there whole or not at all.
 *
 * @throws CliError
 */
export async function download(client: ApiClient, io: Io, from: Required<RemotePlace>, to: string): Promise<void> {
	const { namespace, session, path } = from;
	const socket = await openExec(client, io.stderr, { namespace, session, command: commandOf(SEND, `./${path}`), stdin: false });
	const forget = io.onInterrupt(() => socket.close());
	try {
		const sent = new Sent(socket);
		const [, directory, mode = "", bytes = ""] = /^(?:(directory)|file (\d{3}) (\d+))$/.exec(await sent.firstLine()) ?? [];
		const name = path === "." ? "" : posix.basename(path);
		const local = resolve(io.cwd, to);
		const isDirectory = (await stat(local).catch(() => undefined))?.isDirectory() === true;
		if (!directory && to.endsWith("/") && !isDirectory) throw new CliError(`${to}: Not a directory`);
		const destination = isDirectory ? join(local, name) : local;
		const progress = new CopyProgress(io.stderr, Date.now, directory ? undefined : Number(bytes));
		try {
			if (!directory) return await writeFile(sent.rest(progress), destination, mode, Number(bytes));
			const skipped = (path: string, target: string) => {
				const why = target === "" ? "it is no file" : `its target ${JSON.stringify(target)} is not in the copied directory`;
				io.stderr.write(`warning: skipping ${JSON.stringify(path)}: ${why}\n`);
			};
			await unpackDirectory(sent.rest(progress), destination, skipped);
		} finally {
			progress.end();
		}
	} finally {
		forget();
		socket.close();
	}
}

/** Under another name first: what was cut off never has the name of the whole. */
async function writeFile(contents: AsyncIterable<Uint8Array>, path: string, mode: string, bytes: number): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	const part = join(dirname(path), `.${basename(path)}.klaw-cp.${process.pid}`);
	try {
		// Opened before anything can fail: a file that is made after it was cleared away would stay.
		const file = (await open(part, "w")).createWriteStream();
		await pipeline(contents, file);
		if (file.bytesWritten !== bytes)
			throw new CliError(`${file.bytesWritten} of ${bytes} bytes arrived: the file changed while it was copied.`);
		await chmod(part, Number.parseInt(mode, 8));
		await rename(part, path);
	} finally {
		await rm(part, { force: true });
	}
}

/** What a command writes, of which the first line is about the rest. */
class Sent {
	readonly #output: ReturnType<ExecSocket["output"]>;
	#first: Uint8Array = new Uint8Array();
	#said = "";

	constructor(socket: ExecSocket) {
		this.#output = socket.output();
	}

	/** @throws CliError when the command has failed */
	async firstLine(): Promise<string> {
		let read = Buffer.alloc(0);
		for await (const piece of this.#pieces()) {
			read = Buffer.concat([read, piece]);
			const end = read.indexOf("\n");
			if (end === -1) continue;
			this.#first = read.subarray(end + 1);
			return read.toString("utf8", 0, end);
		}
		throw new CliError("The workspace answered nothing.");
	}

	/** @throws CliError when the command fails in the end: what it wrote is not whole */
	async *rest(progress: CopyProgress): AsyncGenerator<Uint8Array, void, undefined> {
		let bytes = this.#first.byteLength;
		if (bytes > 0) yield this.#first;
		for await (const piece of this.#pieces()) {
			bytes += piece.byteLength;
			progress.at(bytes);
			yield piece;
		}
	}

	/** May be read in parts, one after the other. */
	#pieces(): AsyncIterable<Buffer> {
		const next = async (): Promise<IteratorResult<Buffer>> => {
			for (;;) {
				const { done, value } = await this.#output.next();
				if (done) {
					if (value === 0) return { done: true, value: undefined };
					throw new CliError(this.#said.trim() || `The copy failed in the workspace with exit code ${value}.`);
				}
				if (value.channel === "stdout") return { done: false, value: value.bytes };
				this.#said += value.bytes.toString();
			}
		};
		return { [Symbol.asyncIterator]: () => ({ next }) };
	}
}
