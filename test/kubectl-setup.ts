import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findKubectl } from "./conformance/kubectl.ts";

const GET_KUBECTL = fileURLToPath(new URL("../scripts/kubectl", import.meta.url));

/**
 * klaw is measured against the real kubectl, so there has to be one: `$KUBECTL`, the first on PATH, or else what npm has of
 * it. Whichever it is comes first on PATH. Nothing is skipped where there is none.
 */
export default function setup(): () => void {
	const dir = mkdtempSync(join(tmpdir(), "klaw-kubectl-bin-"));
	symlinkSync(kubectl(), join(dir, "kubectl"));
	process.env.PATH = `${dir}${delimiter}${process.env.PATH ?? ""}`;
	return () => rmSync(dir, { recursive: true, force: true });
}

/** @throws Error that says how to get it */
function kubectl(): string {
	try {
		return findKubectl();
	} catch (error) {
		if (process.env.KUBECTL) throw error;
		try {
			return execFileSync(GET_KUBECTL, ["32"], { encoding: "utf8" }).trim();
		} catch {
			throw error;
		}
	}
}
