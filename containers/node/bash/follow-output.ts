import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { errorCode } from "../explain-error.ts";
import { RESULT_LIMIT } from "../protocol.ts";
import { head } from "../text.ts";

/** Bytes read at once; with the time between two looks this is also the rate. */
const PIECE_BYTES = 65_536;

export interface Follower {
	stop(): void;
}

export interface FollowOptions {
	everyMs: number;
	/** `offset` counts the characters before `text`. */
	emit(offset: number, text: string): void;
	/** Called once when the file has more than `limitBytes`. */
	tooLarge(): void;
	limitBytes: number;
	/** The file cannot be read, so it is no longer followed. What the command does is not concerned. */
	failed(error: unknown): void;
}

/**
 * Shows a file of output while it grows: what came since the last look, and not more in all than a model would see in
 * the end.
 */
export function followOutput(path: string, { everyMs, emit, tooLarge, limitBytes, failed }: FollowOptions): Follower {
	const decoder = new TextDecoder();
	const buffer = Buffer.allocUnsafe(PIECE_BYTES);
	let position = 0;
	let characters = 0;

	const show = (file: number) => {
		if (characters === RESULT_LIMIT) return;
		const bytes = readSync(file, buffer, 0, PIECE_BYTES, position);
		position += bytes;
		const text = head(decoder.decode(buffer.subarray(0, bytes), { stream: true }), RESULT_LIMIT - characters);
		if (text !== "") emit(characters, text);
		characters += text.length;
	};
	const look = () => {
		let file: number | undefined;
		try {
			file = openIfThere(path);
			if (file === undefined) return;
			show(file);
			if (fstatSync(file).size <= limitBytes) return;
			clearInterval(timer);
			tooLarge();
		} catch (error) {
			clearInterval(timer);
			failed(error);
		} finally {
			if (file !== undefined) closeSync(file);
		}
	};
	const timer = setInterval(look, everyMs);
	return { stop: () => clearInterval(timer) };
}

function openIfThere(path: string): number | undefined {
	try {
		return openSync(path, "r");
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}
