import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Klaw, type KlawOptions } from "../e2e/klaw-process.ts";
import { difference, matchesBeginning, matchesOutput } from "./expectation.ts";
import { type Printed, type Running, Terminal } from "./terminal.ts";
import { parseTranscript, type Step } from "./transcript.ts";

/** How long a `~` step and a command in the background have to print what is expected. */
const PATIENCE_MS = 15_000;
/** Between two tries of a `~` step. */
const PAUSE_MS = 100;

/** Declares the tests of one transcript, a section each, against a klaw of its own. */
export function runTranscript(name: string, options: KlawOptions = {}): void {
	const sections = parseTranscript(readFileSync(new URL(`${name}.transcript`, import.meta.url), "utf8"));
	describe(`kubectl: ${name}`, () => {
		let klaw: Klaw | undefined;
		let terminal: Terminal | undefined;
		beforeAll(async () => {
			klaw = await Klaw.start(options);
			terminal = await Terminal.open(klaw);
		});
		afterAll(async () => {
			await terminal?.close();
			await klaw?.remove();
		});
		it.each(sections)("$title", async ({ steps }) => {
			if (terminal) await runSteps(terminal, steps);
		});
	});
}

/** @throws Error with the difference of the first step that did something else */
export async function runSteps(terminal: Terminal, steps: Step[]): Promise<void> {
	const running = new Map<string, Background>();
	try {
		for (const step of steps) {
			if (step.background === undefined) await runForeground(terminal, step);
			else await expectBackground(terminal, running, step, step.background);
		}
	} finally {
		for (const { process } of running.values()) process.kill();
		await Promise.all([...running.values()].map(({ process }) => process.ended));
	}
}

/** What runs beside the steps, and how much of its output has been looked at. */
interface Background {
	process: Running;
	command: string;
	seen: { stdout: number; stderr: number };
}

async function runForeground(terminal: Terminal, step: Step): Promise<void> {
	const deadline = Date.now() + PATIENCE_MS;
	for (;;) {
		const printed = await terminal.run(step.command);
		if (isAsExpected(step, printed)) return;
		if (!step.eventually || Date.now() > deadline) throw new Error(explain(step, step.command, printed));
		await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
	}
}

async function expectBackground(terminal: Terminal, running: Map<string, Background>, step: Step, name: string): Promise<void> {
	if (step.command !== "")
		running.set(name, { process: terminal.start(step.command), command: step.command, seen: { stdout: 0, stderr: 0 } });
	const background = running.get(name);
	if (background === undefined) throw new Error(`line ${step.line}: nothing runs by the name ${name}`);
	const { process, seen } = background;
	const deadline = Date.now() + PATIENCE_MS;
	for (;;) {
		const { stdout, stderr } = process.soFar;
		const rest = { stdout: stdout.slice(seen.stdout), stderr: stderr.slice(seen.stderr) };
		if (step.exitCode === undefined) {
			const [out, err] = [matchesBeginning(step.stdout, rest.stdout), matchesBeginning(step.stderr, rest.stderr)];
			if (out !== undefined && err !== undefined) {
				seen.stdout += out;
				seen.stderr += err;
				return;
			}
		} else if (process.hasEnded) {
			const { exitCode, ...all } = await process.ended;
			const printed = { stdout: all.stdout.slice(seen.stdout), stderr: all.stderr.slice(seen.stderr), exitCode };
			if (isAsExpected(step, printed)) return;
			throw new Error(explain(step, background.command, printed));
		}
		if (Date.now() > deadline || (process.hasEnded && step.exitCode === undefined))
			throw new Error(explain(step, background.command, { ...rest, exitCode: step.exitCode ?? 0 }));
		await process.changed(deadline - Date.now());
	}
}

function isAsExpected(step: Step, printed: Printed): boolean {
	return printed.exitCode === step.exitCode && matchesOutput(step.stdout, printed.stdout) && matchesOutput(step.stderr, printed.stderr);
}

function explain(step: Step, command: string, printed: Printed): string {
	const parts = [`line ${step.line}: $ ${command}`];
	if (!matchesOutput(step.stdout, printed.stdout)) parts.push("stdout (- expected, + printed):", difference(step.stdout, printed.stdout));
	if (!matchesOutput(step.stderr, printed.stderr)) parts.push("stderr (- expected, + printed):", difference(step.stderr, printed.stderr));
	if (step.exitCode !== undefined && printed.exitCode !== step.exitCode)
		parts.push(`exit code: expected ${step.exitCode}, was ${printed.exitCode}`);
	return parts.join("\n");
}
