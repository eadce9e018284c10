import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "../../e2e/klaw-process.ts";
import { distribution, type Figure } from "../figure.ts";
import { monotonicMs } from "../monotonic.ts";
import type { BenchContext } from "../part.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** `npm start` until it says that klaw is ready: in an empty directory, and over the state of an earlier start. */
export async function startUp({ quick, progress }: BenchContext): Promise<Figure[]> {
	const starts = quick ? 1 : 5;
	const fresh: number[] = [];
	const again: number[] = [];
	for (let n = 1; n <= starts; n++) {
		const data = await mkdtemp(join(tmpdir(), "klaw-bench-"));
		fresh.push(await npmStart(data));
		again.push(await npmStart(data));
		await rm(data, { recursive: true, force: true, maxRetries: 5 });
		progress(`npm start, ${n} of ${starts}`);
	}
	const note = "until the line klaw ready, packages installed and klaw built";
	return [
		distribution({ what: "npm start, empty directory", unit: "s", samples: fresh, note }, { p95: 10 }),
		distribution({ what: "npm start, again", unit: "s", samples: again, note }, { p95: 10 }),
	];
}

/** Seconds until the ready line. Stops it as Ctrl-C at a terminal does. */
async function npmStart(data: string): Promise<number> {
	const begunAt = monotonicMs();
	const args = ["start", "--", "--port", String(await freePort()), "--data", data, "--no-demo"];
	const child = spawn("npm", args, { cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "inherit"] });
	const ended = once(child, "close");
	const said: string[] = [];
	for await (const line of createInterface(child.stdout)) {
		said.push(line);
		if (line.startsWith("klaw ready:")) break;
	}
	const seconds = (monotonicMs() - begunAt) / 1000;
	child.stdout.resume();
	if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
	await ended;
	if (!said.some((line) => line.startsWith("klaw ready:"))) throw new Error(`npm start did not get ready:\n${said.join("\n")}`);
	return seconds;
}
