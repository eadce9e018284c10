import { statfs } from "node:fs/promises";
import { bash as definition } from "../../../src/tools/bash.ts";
import { followOutput } from "../bash/follow-output.ts";
import { keepOutput } from "../bash/keep-output.ts";
import { readOutput } from "../bash/read-output.ts";
import { remarkOn } from "../bash/remarks.ts";
import { type Ending, Shell } from "../bash/shell.ts";
import { explainError } from "../explain-error.ts";
import { Stopped } from "../stopped.ts";
import { tail } from "../text.ts";
import { type CallContext, type Outcome, onNode, ToolError } from "./node-tool.ts";

/** A command that writes more is stopped: it would fill the disk of everyone on the node. */
const OUTPUT_BYTES = 16 * 2 ** 30;
/** With less than this free, a disk counts as full. */
const DISK_FULL_BYTES = 65_536;
/** Characters of the end of an output in which a reason is looked for. */
const LAST_WORDS = 2_000;

export const bash = onNode(definition, async ({ command }, context) => {
	if (command.includes("\0")) throw new ToolError("The command holds a NUL character, which no program can be given. Leave it out.");
	const { record, workspace, sandbox, limits, signal, timing } = context;
	const follower = followOutput(record.path("output"), {
		everyMs: timing.outputMs,
		emit: context.output,
		limitBytes: OUTPUT_BYTES,
		tooLarge: () => context.stop(Stopped.cancel("its output passed 16 GiB. Write less, or write it to a file")),
		failed: (error) => context.log(`The output of call ${record.call.callId} is not shown while it runs: ${error}`),
	});
	try {
		const ending = await new Shell(record, workspace, sandbox, limits).run(command, signal, timing.killGraceMs);
		return await outcomeOf(ending, context);
	} finally {
		follower.stop();
	}
});

async function outcomeOf(ending: Ending, context: CallContext): Promise<Outcome> {
	if (ending.how === "not started") {
		return {
			content: `The command could not be started and did not run: ${ending.why}. Most likely the disk of the node is full: free some space and try again.`,
			isError: true,
		};
	}
	const { text, outputFile } = await outputOf(context);
	const together = context.sandbox.takeRemark(context.workspace);
	const killed = together === undefined ? "" : `\n(${together})`;
	const withLine = (line: string): Outcome => ({ content: `${line}\n${text}${killed}`, isError: true, outputFile });
	switch (ending.how) {
		case "exited":
			if (ending.code === 0) return { content: `${text}${killed}`, isError: false, exitCode: 0, outputFile };
			return { ...withLine(`exit code ${ending.code}${await remark(ending.code, text, context)}`), exitCode: ending.code };
		case "killed":
			return withLine(`killed by ${ending.signal}, which did not come from klaw`);
		case "stopped":
			return withLine(ending.why);
		case "vanished":
			return {
				...withLine(
					"outcome unknown: the command was running when its machine or shell died, and left no exit code. It may have taken effect in full, in part or not at all: look before you run it again. Its output so far:",
				),
				unknown: true,
			};
	}
}

async function remark(exitCode: number, text: string, { workspace, sandbox, limits }: CallContext): Promise<string> {
	const { bavail, bsize } = await statfs(workspace);
	const said = remarkOn({
		...{ exitCode, output: tail(text, LAST_WORDS), diskIsFull: bavail * bsize < DISK_FULL_BYTES },
		limits: sandbox.isolation === "none" ? undefined : limits,
	});
	return said === "" ? "" : ` (${said})`;
}

async function outputOf({ record, workspace, log }: CallContext): Promise<{ text: string; outputFile?: string }> {
	const output = await readOutput(record.path("output"));
	if (output.omitted === undefined) return { text: output.first.trimEnd() || "(no output)" };
	try {
		const outputFile = await keepOutput(record, workspace);
		return {
			text: `${output.first}\n... (${output.omitted} left out; the whole output is in ${outputFile}) ...\n${output.last}`,
			outputFile,
		};
	} catch (error) {
		const why = explainError(error, "the whole output");
		log(`The output of call ${record.call.callId} could not be kept: ${why}`);
		return { text: `${output.first}\n... (${output.omitted} left out, and not kept. ${why}) ...\n${output.last}` };
	}
}
