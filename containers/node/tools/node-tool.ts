/** How a tool runs on a node. Its name, description and arguments are those of `src/tools/`. */
import * as z from "zod";
import type { NodeTool } from "../../../src/tools/tool.ts";
import type { CallRecord } from "../call-record.ts";
import { explainError } from "../explain-error.ts";
import type { NodeToolResult } from "../protocol.ts";
import type { ProcessLimits } from "../sandbox/limits.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Stopped } from "../stopped.ts";
import type { Timing } from "../timing.ts";

/** A result before it is measured and journaled. */
export type Outcome = Omit<NodeToolResult, "durationMs">;

/** A failure that the model is told in these words: what was wrong, with which value, what to do. */
export class ToolError extends Error {
	override readonly name = "ToolError";
}

/** What a running call is given. */
export interface CallContext {
	record: CallRecord;
	/** Real path of the workspace. */
	workspace: string;
	/** What keeps the session apart from the node and other sessions. */
	sandbox: Sandbox;
	/** What the session may use. */
	limits: ProcessLimits;
	/** Aborted with a {@link Stopped}. */
	signal: AbortSignal;
	/** Stops the call from within. */
	stop(why: Stopped): void;
	/** Shows output while the call runs. `offset` counts the characters before `text`. */
	output(offset: number, text: string): void;
	timing: Timing;
	log(line: string): void;
}

export interface NodeExecution {
	readonly name: string;
	/**
	 * Runs a call, or takes it up again: after a restart of the runtime it is called once more with the same record, and
	 * must then neither repeat an effect nor claim one that it cannot see.
	 *
	 * @throws Stopped when the runtime stops, or when the call was stopped and there is nothing else to say
	 */
	run(raw: Record<string, unknown>, context: CallContext): Promise<Outcome>;
}

/**
 * Joins a tool's definition and what it does on a node. `run` returns what the model reads, or a whole outcome, and
 * throws a {@link ToolError} for what the model can mend.
 */
export function onNode<S extends z.ZodObject>(
	definition: NodeTool<S>,
	run: (args: z.output<S>, context: CallContext) => Promise<Outcome | string>,
): NodeExecution {
	return {
		name: definition.name,
		async run(raw, context) {
			// Checked by the session already, but a node does not depend on the server being of its own version.
			const args = definition.parameters.safeParse(raw);
			if (!args.success) return failed(`The arguments of ${definition.name} are wrong:\n${z.prettifyError(args.error)}`);
			try {
				const outcome = await run(args.data, context);
				return typeof outcome === "string" ? { content: outcome, isError: false } : outcome;
			} catch (error) {
				if (error instanceof ToolError) return failed(error.message);
				// What a library throws when it is aborted is its own; why it was aborted is the signal's to say.
				context.signal.throwIfAborted();
				return failed(explainError(error, "path" in args.data ? `"${args.data.path}"` : definition.name));
			}
		},
	};
}

export function failed(content: string): Outcome {
	return { content, isError: true };
}
