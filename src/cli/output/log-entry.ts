import type { Journaled, SessionEvent } from "../../../durable-objects/session/events.ts";
import { textOf, toolCallsOf } from "../../models/message.ts";
import { withCode } from "../render/outcome.ts";
import { printable } from "../render/style.ts";
import { describeCall } from "../render/tool-calls.ts";
import { formatMs } from "../render/units.ts";

/** Before every line of a text. */
export const INDENT = "     ";

/**
 * A journal event for `klaw logs`: `SEQ TIME TYPE what`, with long texts indented below. `textShown`: without the model's
 * text or the tool's output, because that stands above.
 */
export function formatLogEntry({ seq, at, event }: Journaled, { textShown = false } = {}): string {
	const { line = "", body = "" } = detail(event, textShown);
	const head = `${String(seq).padStart(4)} ${new Date(at).toISOString()} ${event.type} ${printable(line)}`.trimEnd();
	const text = printable(body).trimEnd();
	return text === "" ? `${head}\n` : `${head}\n${text.replace(/^/gm, INDENT)}\n`;
}

function detail(event: SessionEvent, textShown: boolean): { line?: string; body?: string } {
	switch (event.type) {
		case "session.opened":
		case "agent.changed":
			return { line: `agent ${event.agent.name}` };
		case "message.accepted":
			return { line: event.run, body: event.text };
		case "run.started":
			return { line: `${event.run} with ${event.model}` };
		case "drive.started":
			return { line: `${event.run} fence ${event.fence}` };
		case "model.completed": {
			const calls = toolCallsOf(event.message).map((call) => `● ${describeCall(call)}`);
			const { input, output, cacheRead, cacheWrite } = event.usage;
			const line = `step ${event.step}, ${input + cacheRead + cacheWrite} tokens in, ${output} out, ${formatMs(event.durationMs)}`;
			return { line, body: [textShown ? "" : textOf(event.message), ...calls].filter((text) => text !== "").join("\n") };
		}
		case "model.failed":
			return { line: `step ${event.step}, attempt ${event.attempt}: ${event.code}: ${event.message}` };
		case "tools.started":
			return { line: event.calls.map((call) => `${call.name} on ${call.node ?? "the Worker"}`).join(", ") };
		case "tool.completed":
			return {
				line: `${event.name}${event.isError ? " failed" : ""}, ${formatMs(event.durationMs)}`,
				body: textShown ? "" : event.content,
			};
		case "tool.waiting":
		case "node.silent":
		case "lease.queued":
		case "lease.refused":
			return { line: event.message };
		case "node.heard":
			return { line: `node ${event.node}` };
		case "tool.overdue":
			return { line: `until ${new Date(event.giveUpAt).toISOString()}` };
		case "lease.recalled":
			return {
				line: `by ${event.by}: ${event.reason}${event.cutAt === undefined ? "" : `, cut at ${new Date(event.cutAt).toISOString()}`}`,
			};
		case "lease.granted":
			return { line: `on node ${event.lease.node}` };
		case "lease.released":
			return { line: event.reason ?? "" };
		case "workspace.abandoned":
			return { line: event.reason };
		case "workspace.lost":
			return { line: `with node ${event.node}` };
		case "exec.opened":
			return { line: `by ${event.by}` };
		case "exec.closed":
			return { line: event.refused ?? event.cut ?? "" };
		case "cancel.requested":
			return { line: `${event.run} by ${event.by}${event.reason === "" ? "" : `: ${event.reason}`}` };
		case "run.finished":
			return event.phase === "Succeeded"
				? { line: `${event.run} Succeeded`, body: event.result }
				: { line: `${event.run} ${withCode(event.phase, event.phase, event.code)}: ${event.message}` };
		default:
			return {};
	}
}
