import type { SessionEvent } from "./events.ts";
import { type ActiveRun, owedCalls, ranMs } from "./state.ts";

/** How a run ends. */
export interface Ending {
	phase: "Succeeded" | "Failed" | "Cancelled";
	code: string;
	message: string;
	result?: string;
}

/**
 * The events that end a run. A call that still lacks its result gets one first, so that no transcript ever holds a
 * call without a result.
 */
export function finish(run: ActiveRun, ending: Ending, now: number): SessionEvent[] {
	const unanswered = owedCalls(run).map(
		(call): SessionEvent => ({
			type: "tool.completed",
			run: run.run,
			callId: call.callId,
			name: call.name,
			content: call.started ? `Stopped before it ended; it may have taken effect in part. ${ending.message}` : `Not run. ${ending.message}`,
			isError: true,
			durationMs: ranMs(call, now),
			...(call.started?.node === undefined ? {} : { abandoned: true }),
		}),
	);
	const { phase, code, message, result = "" } = ending;
	return [...unanswered, { type: "run.finished", run: run.run, phase, code, message, result, iterations: run.steps, usage: run.usage }];
}

/** How a run ends whose model stopped without asking for a tool. An empty answer is a failure, never a success. */
export function endingOf(run: ActiveRun, answer: NonNullable<ActiveRun["answer"]>): Ending {
	const result = answer.text;
	if (answer.stopReason === "refusal")
		return { phase: "Failed", code: "Refused", message: `The model ${run.model} refused to answer. Rephrase the message.`, result };
	if (answer.stopReason === "max_tokens")
		return {
			phase: "Failed",
			code: "OutputTruncated",
			message: `The answer of ${run.model} was cut at ${run.agent.spec.limits.maxOutputTokens} output tokens. Raise limits.maxOutputTokens of agent ${run.agent.name} or ask for less.`,
			result,
		};
	if (result.trim() === "")
		return {
			phase: "Failed",
			code: "EmptyAnswer",
			message: `The model ${run.model} ended its turn without a word. Send the message again.`,
		};
	return { phase: "Succeeded", code: "Completed", message: "", result };
}
