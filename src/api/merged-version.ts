/**
 * Resource versions of what comes from several namespaces at once (`kubectl get -A`). Every namespace counts its own
 * commits, so the version of the whole is one number for each of them, opaque to clients: `m.` and base64url JSON.
 */
import { fromBase64Url, toBase64Url } from "./base64url.ts";

/** Versions by namespace. */
export type MergedVersion = ReadonlyMap<string, string>;

const PREFIX = "m.";

export function encodeMergedVersion(versions: MergedVersion): string {
	const sorted = [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
	return PREFIX + toBase64Url(JSON.stringify(Object.fromEntries(sorted)));
}

/** `undefined` for what {@link encodeMergedVersion} never made. */
export function decodeMergedVersion(text: string): MergedVersion | undefined {
	if (!text.startsWith(PREFIX)) return undefined;
	return versionsIn(jsonOfBase64Url(text.slice(PREFIX.length)));
}

/** The later of the two; versions that are no numbers come before all others. */
export function laterVersion(a: string, b: string): string {
	return Number(b) > (Number(a) || 0) ? b : a;
}

/** Versions by namespace, if that is what it is. */
export function versionsIn(value: unknown): MergedVersion | undefined {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
	const versions = new Map<string, string>();
	for (const [namespace, version] of Object.entries(value)) {
		if (typeof version !== "string" || !/^\d{1,16}$/.test(version)) return undefined;
		versions.set(namespace, version);
	}
	return versions;
}

/** `undefined` when it is no base64url, or no JSON in it. */
export function jsonOfBase64Url(text: string): unknown {
	if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
	try {
		return JSON.parse(fromBase64Url(text));
	} catch {
		return undefined;
	}
}
