import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Real path of an empty directory that goes when the test is over. */
export function temporaryDirectory(): string {
	const path = realpathSync(mkdtempSync(join(tmpdir(), "klaw-node-")));
	onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
	return path;
}
