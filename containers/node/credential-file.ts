import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { errorCode } from "./explain-error.ts";

const keptSchema = z.object({
	/** Where it is good, and as which node: it is shown to nobody else. */
	server: z.string(),
	node: z.string(),
	credential: z.string().min(1),
});

/** For which server and node a credential is. */
export interface CredentialOf {
	server: string;
	node: string;
}

/** The credential of this machine for that server and node, from `credential.json` in its data directory; `undefined` when it has none. */
export function loadCredential(dataDir: string, { server, node }: CredentialOf): string | undefined {
	let text: string;
	try {
		text = readFileSync(pathIn(dataDir), "utf8");
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
	const kept = keptSchema.safeParse(jsonOf(text));
	return kept.success && kept.data.server === server && kept.data.node === node ? kept.data.credential : undefined;
}

/** Only its owner can read it. There whole or not at all. */
export function saveCredential(dataDir: string, of: CredentialOf, credential: string): void {
	const path = pathIn(dataDir);
	const partial = `${path}.tmp`;
	// The mode of a file that exists already would stay as it is.
	rmSync(partial, { force: true });
	writeFileSync(partial, JSON.stringify({ server: of.server, node: of.node, credential }), { mode: 0o600 });
	renameSync(partial, path);
}

export function forgetCredential(dataDir: string): void {
	rmSync(pathIn(dataDir), { force: true });
}

function pathIn(dataDir: string): string {
	return join(dataDir, "credential.json");
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Damaged: as good as none, since another can be had.
		return undefined;
	}
}
