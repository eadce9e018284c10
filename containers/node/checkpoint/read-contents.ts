import { closeSync, constants, fstatSync, openSync, read, readlinkSync, readSync, type Stats, statSync } from "node:fs";
import { promisify } from "node:util";
import { errorCode } from "../explain-error.ts";
import { fromSystem, toSystem } from "./file-name.ts";
import { BLOB_CONTENTS_BYTES } from "./manifest.ts";
import { isGone, type Signature, signatureOf } from "./scan.ts";
import { isSame } from "./signature.ts";

const readLater = promisify(read);

/** Smaller reads block for less than handing them to another thread costs. */
const SYNCHRONOUS_BYTES = 128 * 1024;
const TRIES = 3;

export interface ReadContents<T> {
	/** As of before the reading. */
	signature: Signature;
	/** When the reading began, in milliseconds since the epoch. */
	readAt: number;
	/** What was made of each part. */
	parts: T[];
	bytes: number;
}

/**
 * Reads a file in parts of at most {@link BLOB_CONTENTS_BYTES}, once more when it changed meanwhile, and the third time
 * takes it as it is.
 *
 * @param root real path of the workspace
 * @param take is given each part in order, and each again when the file is read again
 * @returns `undefined` when it is no regular file of the workspace any more
 * @throws NodeJS.ErrnoException, EACCES among them
 */
export async function readContents<T>(
	root: string,
	path: string,
	take: (part: Uint8Array) => Promise<T>,
): Promise<ReadContents<T> | undefined> {
	let last: ReadContents<T> | undefined;
	for (let tried = 0; tried < TRIES; tried++) {
		const file = open(`${root}/${path}`);
		if (file === undefined) return undefined;
		try {
			const readAt = Date.now();
			const before = fstatSync(file);
			if (!before.isFile()) return undefined;
			assertOwn(root, before);
			const signature = signatureOf(before);
			const { parts, bytes } = await readParts(file, before.size, take);
			last = { signature, readAt, parts, bytes };
			if (isSame(signature, signatureOf(fstatSync(file))) && bytes === before.size) return last;
		} finally {
			closeSync(file);
		}
	}
	// It never stands still, such as a log. Its next checkpoint reads it again.
	return last && { ...last, readAt: 0 };
}

/**
 * Refuses a hard link to somebody else's file, which some systems let anybody make: root would read what the session may not,
 * and what a checkpoint has is given to the session when it is restored.
 */
function assertOwn(root: string, { uid }: Stats): void {
	if (process.getuid?.() !== 0) return;
	const owner = statSync(root).uid;
	if (owner !== 0 && uid !== owner) throw Object.assign(new Error("permission denied"), { code: "EACCES" });
}

async function readParts<T>(file: number, size: number, take: (part: Uint8Array) => Promise<T>): Promise<{ parts: T[]; bytes: number }> {
	const parts: T[] = [];
	let bytes = 0;
	while (bytes < size) {
		const part = Buffer.allocUnsafeSlow(Math.min(BLOB_CONTENTS_BYTES, size - bytes));
		const length = await fill(file, part, bytes);
		if (length === 0) break;
		parts.push(await take(part.subarray(0, length)));
		bytes += length;
	}
	return { parts, bytes };
}

/** Bytes that were there to be read. */
async function fill(file: number, part: Buffer, position: number): Promise<number> {
	let filled = 0;
	while (filled < part.byteLength) {
		const rest = part.byteLength - filled;
		const got =
			rest <= SYNCHRONOUS_BYTES
				? readSync(file, part, filled, rest, position + filled)
				: (await readLater(file, part, filled, rest, position + filled)).bytesRead;
		if (got === 0) break;
		filled += got;
	}
	return filled;
}

/**
 * Opens what is really there: a command that goes on in the background may have put a link in the place of the file or of
 * a directory on the way, and the runtime may read more than the command may.
 */
function open(absolute: string): number | undefined {
	let file: number;
	try {
		file = openSync(toSystem(absolute), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		if (isGone(error) || errorCode(error) === "ENXIO") return undefined;
		throw error;
	}
	if (process.platform !== "linux" || fromSystem(readlinkSync(`/proc/self/fd/${file}`, "buffer")) === absolute) return file;
	closeSync(file);
	return undefined;
}
