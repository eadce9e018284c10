import type { Secret } from "./kind.ts";

/** Where `kubectl apply` keeps the manifest as it was applied, values and all. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

export interface SealableSecret {
	/** The Secret without any value: every key is there, and empty. Also of the manifest that kubectl noted. Safe to show. */
	shell: Secret;
	/** Values in base64 by key, to be sealed. Keys with an empty value are not among them: those keep what was sealed before. */
	values: Record<string, string>;
}

/** Takes a Secret apart for storage. */
export function sealable(secret: Secret): SealableSecret {
	const values = Object.fromEntries(Object.entries(secret.data ?? {}).filter(([, value]) => value !== ""));
	const shell: Secret = { ...secret, metadata: { ...secret.metadata } };
	if (secret.data) shell.data = emptied(secret.data);
	const { annotations } = secret.metadata;
	const applied = annotations?.[LAST_APPLIED];
	if (applied !== undefined) {
		const { [LAST_APPLIED]: _, ...others } = annotations ?? {};
		const noted = withoutValues(applied);
		shell.metadata.annotations = noted === undefined ? others : { ...others, [LAST_APPLIED]: noted };
	}
	return { shell, values };
}

/** The noted manifest without its values. Its keys stay, because kubectl finds out by them what is to be removed. */
function withoutValues(applied: string): string | undefined {
	let manifest: unknown;
	try {
		manifest = JSON.parse(applied);
	} catch {
		// What cannot be read cannot be cleaned; kubectl gets along without it.
		return undefined;
	}
	if (!isRecord(manifest)) return undefined;
	const cleaned: Record<string, unknown> = { ...manifest };
	for (const field of ["data", "stringData"]) {
		if (isRecord(cleaned[field])) cleaned[field] = emptied(cleaned[field]);
		else delete cleaned[field];
	}
	// kubectl ends the annotation with a line break; without it every apply would seem to change something.
	return `${JSON.stringify(cleaned)}${applied.endsWith("\n") ? "\n" : ""}`;
}

function emptied(data: Record<string, unknown>): Record<string, string> {
	return Object.fromEntries(Object.keys(data).map((key) => [key, ""]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
