import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noSandbox } from "../sandbox/sandbox.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { Execution } from "./execution.ts";
import { STDERR, STDOUT } from "./protocol.ts";
import { findTerminal } from "./terminal.ts";

/** An environment with these programs and no others. */
function only(...programs: string[]): Record<string, string> {
	const dir = temporaryDirectory();
	for (const program of programs) symlinkSync(join("/usr/bin", program), join(dir, program));
	return { PATH: dir, SHELL: "/bin/sh" };
}

/** Runs a command in a terminal as a machine with that environment makes them. */
async function run(command: string[], env: Record<string, string>): Promise<{ exitCode: number; stdout: string; stderr: string }> {
	const said = new Map<number, string>();
	const execution = new Execution(
		{ id: crypto.randomUUID(), command, stdin: false, tty: true },
		{
			output: (channel, bytes) => said.set(channel, (said.get(channel) ?? "") + Buffer.from(bytes).toString()),
			taken: () => undefined,
			graceMs: 100,
			...{ dataDir: temporaryDirectory(), sandbox: noSandbox },
		},
	);
	const exitCode = await execution.run(temporaryDirectory(), () => findTerminal(env));
	return { exitCode, stdout: said.get(STDOUT) ?? "", stderr: said.get(STDERR) ?? "" };
}

describe.runIf(process.platform === "linux")("a machine without python3", () => {
	it("makes terminals with script, arguments and exit code unchanged", async () => {
		const command = ["sh", "-c", 'test -t 1 && echo "$1"; exit 5', "sh", "it's a $terminal"];
		expect(await run(command, only("script", "sh", "true"))).toEqual({ exitCode: 5, stdout: "it's a $terminal\r\n", stderr: "" });
	});

	it("and without script says so, and runs the command all the same", async () => {
		expect(await run(["sh", "-c", "test -t 1 || echo none"], only())).toEqual({
			...{ exitCode: 0, stdout: "none\n" },
			stderr: expect.stringContaining("Install python3 on the node"),
		});
	});
});
