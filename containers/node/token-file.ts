import { readFileSync, rmSync } from "node:fs";

/** What a header can carry, and then some: every token that klaw makes is one, and text of other kinds is none. */
export function isToken(text: string): boolean {
	return /^[\x21-\x7e]+$/.test(text);
}

/**
 * The join token in a file, which is read when it is needed: a machine that has joined before needs none.
 *
 * @param options.remove takes the file away once it was read
 * @returns throws an Error with a sentence, which never shows what is in the file
 */
export function tokenIn(path: string, options: { remove?: boolean } = {}): () => string {
	return () => {
		const token = read(path);
		if (options.remove) rmSync(path, { force: true });
		return token;
	};
}

function read(path: string): string {
	let text: string;
	try {
		text = readFileSync(path, "utf8").trim();
	} catch (error) {
		throw new Error(`The token file ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
	}
	if (isToken(text)) return text;
	if (text === "") throw new Error(`The token file ${path} is empty. Put a join token into it: klaw node token create > ${path}`);
	throw new Error(
		`The token file ${path} holds no join token. It should hold that alone, on one line, as klaw node token create prints it.`,
	);
}
