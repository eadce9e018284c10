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
export function loadCredential(dataDir: string, of: CredentialOf): string | undefined {
	const kept = load(dataDir);
	return kept?.server === of.server && kept.node === of.node ? kept.credential : undefined;
}

/**
 * The credential of this machine as that node, at a server of this machine that had another port: it is the same server, started
 * anew. Shown to a server elsewhere, it could be used by whoever runs that.
 */
export function earlierCredential(dataDir: string, of: CredentialOf): string | undefined {
	const kept = load(dataDir);
	return kept?.node === of.node && isLoopback(kept.server) && isLoopback(of.server) ? kept.credential : undefined;
}

function isLoopback(server: string): boolean {
	return URL.canParse(server) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(server).hostname);
}

function load(dataDir: string): z.infer<typeof keptSchema> | undefined {
	let text: string;
	try {
		text = readFileSync(pathIn(dataDir), "utf8");
	} catch (error) {
		// A directory that cannot be one is told of by whoever has to use it.
		if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return undefined;
		throw error;
	}
	const kept = keptSchema.safeParse(jsonOf(text));
	return kept.success ? kept.data : undefined;
}

/** The node as which this machine joined, whatever its host's name is now: a container that is made anew has another. */
export function joinedAs(dataDir: string): string | undefined {
	return load(dataDir)?.node;
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
