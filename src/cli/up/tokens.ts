import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as z from "zod";
import { CliError } from "../errors.ts";
import { writePrivateFile } from "./private-file.ts";

const tokensSchema = z.object({
	/** Whoever bears it may do everything. */
	admin: z.string().min(32),
});
export type Tokens = z.infer<typeof tokensSchema>;

/** 256 bits, as text that fits into a header. */
const newToken = () => randomBytes(32).toString("base64url");

/**
 * The tokens of a data directory, made when it is new. They stay as they are, so that a client that rides out a restart
 * is still known afterwards.
 */
export function loadTokens(path: string): Tokens {
	if (!existsSync(path)) {
		const tokens = { admin: newToken() };
		writePrivateFile(path, `${JSON.stringify(tokens, null, "\t")}\n`);
		return tokens;
	}
	try {
		return tokensSchema.parse(JSON.parse(readFileSync(path, "utf8")));
	} catch {
		throw new CliError(
			`${path} does not hold the tokens of this klaw. Delete it to have new ones made; clients then need the new kubeconfig.`,
		);
	}
}
