import type { Journaled, SessionEvent } from "../../../durable-objects/session/events.ts";
import { textOf, toolCallsOf } from "../../models/message.ts";
import { printable } from "../render/style.ts";
import { describeCall } from "../render/tool-calls.ts";
import { formatMs } from "../render/units.ts";

/** A journal event for `klaw logs`: `SEQ TIME TYPE what`, with long texts indented below. */
export function formatLogEntry({ seq, at, event }: Journaled): string {
	const { line = "", body = "" } = detail(event);
	const head = `${String(seq).padStart(4)} ${new Date(at).toISOString()} ${event.type} ${printable(line)}`.trimEnd();
	const text = printable(body).trimEnd();
	return text === "" ? `${head}\n` : `${head}\n${text.replace(/^/gm, "     ")}\n`;
}

function detail(event: SessionEvent): { line?: string; body?: string } {
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
			return { line, body: [textOf(event.message), ...calls].filter((text) => text !== "").join("\n") };
		}
		case "model.failed":
			return { line: `step ${event.step}, attempt ${event.attempt}: ${event.code}: ${event.message}` };
		case "tools.started":
			return { line: event.calls.map((call) => `${call.name} on ${call.node ?? "the Worker"}`).join(", ") };
		case "tool.completed":
			return { line: `${event.name}${event.isError ? " failed" : ""}, ${formatMs(event.durationMs)}`, body: event.content };
		case "lease.queued":
			return { line: event.message };
		case "lease.granted":
			return { line: `on node ${event.lease.node}` };
		case "lease.released":
			return { line: event.reason ?? "" };
		case "cancel.requested":
			return { line: `${event.run} by ${event.by}: ${event.reason}` };
		case "run.finished":
			return event.phase === "Succeeded"
				? { line: `${event.run} Succeeded`, body: event.result }
				: { line: `${event.run} ${event.phase} (${event.code}): ${event.message}` };
		default:
			return {};
	}
}
