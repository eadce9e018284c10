import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { errorCode } from "./explain-error.ts";
import { writeAtomic } from "./write-atomic.ts";

const identitySchema = z.object({
	/** Tells a restart of this runtime from another machine. */
	uid: z.string().min(1),
	/** As of the last `welcome`; absent when there never was one. */
	incarnation: z.number().int().nonnegative().optional(),
});
export type Identity = z.infer<typeof identitySchema>;

/**
 * Who this node is: `node.json` in its data directory, made at the first start.
 *
 * @throws Error with a sentence when the file is there but cannot be read
 */
export function loadIdentity(dataDir: string): Identity {
	const path = join(dataDir, "node.json");
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		const identity = { uid: randomUUID() };
		saveIdentity(dataDir, identity);
		return identity;
	}
	try {
		return identitySchema.parse(JSON.parse(text));
	} catch (error) {
		throw new Error(`${path} is damaged. Move it away to join as a new machine.`, { cause: error });
	}
}

export function saveIdentity(dataDir: string, identity: Identity): void {
	writeAtomic(join(dataDir, "node.json"), JSON.stringify(identity));
}
