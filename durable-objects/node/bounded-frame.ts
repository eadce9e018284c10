/**
 * What a machine says ends up in journals, conditions and events, where it is kept and shown to people. It is cut to size
 * here, at the border: a machine that says too much is not cut off, since older ones may have their reasons.
 */
import type { Unkept } from "../../containers/node/checkpoint/protocol.ts";
import { type Hello, type NodeToolResult, RESULT_LIMIT, type ToServer } from "../../containers/node/protocol.ts";
import { head, shorten } from "../../containers/node/text.ts";

/** Every frame but the hello, which is refused when it is too large: see {@link helloProblem}. */
export type Said = Exclude<ToServer, Hello>;

/** Characters of a message; an event of Kubernetes has 1,024. */
const MESSAGE = 1_000;
/** What klaw adds to a result is short; a runtime that sends more than this does not keep the protocol. */
const CONTENT = 2 * RESULT_LIMIT;
const LEFT_OUT = "\n... (the rest was left out) ...";
/** As long as a path may be on Linux. */
const PATH = 4_096;
/** Of one piece of streamed output. */
const OUTPUT = 2 ** 20;
/** Workspaces in a report; more than a machine has room for. */
const WORKSPACES = 10_000;
/** Of an unknown reason, or one that is none: events and conditions have words of this form. */
const REASON = /^[A-Z]\w{0,63}$/;

/** The frame with nothing in it that is longer than what it is for. */
export function boundedFrame(frame: Said): Said {
	switch (frame.type) {
		case "result":
			return { ...frame, result: boundedResult(frame.result) };
		case "output":
			return { ...frame, text: head(frame.text, OUTPUT) };
		case "call-waiting":
			return { ...frame, message: oneLine(frame.message, MESSAGE) };
		case "exec-exit": {
			const { message, unkept } = frame;
			return {
				...frame,
				...(message !== undefined && { message: oneLine(message, MESSAGE) }),
				...(unkept && { unkept: boundedUnkept(unkept) }),
			};
		}
		case "stats-report": {
			const { workspaces } = frame.stats;
			return { ...frame, stats: { ...frame.stats, workspaces: workspaces.slice(0, WORKSPACES) } };
		}
		default:
			return frame;
	}
}

function boundedResult(result: NodeToolResult): NodeToolResult {
	const { content, outputFile, unkept } = result;
	return {
		...result,
		...(content.length > CONTENT && { content: `${head(content, CONTENT - LEFT_OUT.length)}${LEFT_OUT}` }),
		...(outputFile !== undefined && { outputFile: oneLine(outputFile, PATH) }),
		...(unkept && { unkept: boundedUnkept(unkept) }),
	};
}

function boundedUnkept({ reason, message }: Unkept): Unkept {
	return { reason: REASON.test(reason) ? reason : "NotCheckpointed", message: oneLine(message, MESSAGE) };
}

/** Control characters would do something to whoever reads it on a terminal. */
function oneLine(text: string, length: number): string {
	// Cut first: what is cut away need not be looked through.
	return shorten(text, length).replace(/\p{Cc}+/gu, " ");
}
