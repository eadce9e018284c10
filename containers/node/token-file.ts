import { readFileSync, rmSync } from "node:fs";
import { isNodeSecret } from "../../src/api/tokens/node-secret.ts";

/** What could be a join token. Nothing else goes to a server that somebody names: not a token of the API, which may be an admin's. */
export function isToken(text: string): boolean {
	return isNodeSecret("klaw-join", text);
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
