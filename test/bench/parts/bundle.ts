import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Figure, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const WRANGLER = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
const EVALUATE = fileURLToPath(new URL("../sdk-evaluation.ts", import.meta.url));
const run = promisify(execFile);

/** What `wrangler deploy` uploads, and whether importing it evaluates a model SDK. */
export async function bundle({ progress }: BenchContext): Promise<Figure[]> {
	const outdir = await mkdtemp(join(tmpdir(), "klaw-bundle-"));
	try {
		const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
		const args = [WRANGLER, "deploy", "--dry-run", "--minify", "--outdir", outdir];
		const { stdout } = await run(process.execPath, args, { cwd: ROOT, env });
		const kib = Number(/gzip: ([\d.]+) KiB/.exec(stdout)?.[1]);
		if (!(kib > 0)) throw new Error(`wrangler did not say how large the Worker is:\n${stdout}`);
		progress("built with wrangler");
		const evaluation = await run(process.execPath, [EVALUATE, join(outdir, "worker.js")]);
		const { visible, evaluated }: { visible: string[]; evaluated: string[] } = JSON.parse(evaluation.stdout);
		if (visible.length < 2)
			throw new Error(`Only ${visible} would be seen if it were evaluated. Find another mark of the SDKs in sdk-evaluation.ts.`);
		const note = `the bundle is imported in Node and the symbols are watched that ${visible.join(" and ")} register at their top level`;
		return [
			single(
				{ what: "Worker as uploaded, gzipped", unit: "KB", value: (kib * 1024) / 1000, n: 1, note: "what wrangler deploy says" },
				{ atMost: 500 },
			),
			single({ what: "model SDKs evaluated at start", unit: "SDKs", value: evaluated.length, n: visible.length, note }, { atMost: 0 }),
		];
	} finally {
		await rm(outdir, { recursive: true, force: true });
	}
}
