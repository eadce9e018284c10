import { expect, it } from "vitest";
import type { SessionEvent } from "../../../durable-objects/session/events.ts";
import { NO_USAGE } from "../../models/message.ts";
import { formatLogEntry } from "./log-entry.ts";

const at = Date.UTC(2026, 10, 22, 8, 0, 0, 5);
const line = (event: SessionEvent) => formatLogEntry({ seq: 12, at, event });

it("an entry begins with its place, time and type", () => {
	expect(line({ type: "delivered", id: "x" })).toBe("  12 2026-11-22T08:00:00.005Z delivered\n");
	expect(line({ type: "run.started", run: "run-1", model: "offline/shell", deadlineAt: 0 })).toBe(
		"  12 2026-11-22T08:00:00.005Z run.started run-1 with offline/shell\n",
	);
});

it("texts stand indented below, without what would drive a terminal", () => {
	expect(
		line({ type: "tool.completed", run: "r", callId: "c", name: "bash", content: "a\x1b[2J\n\nb\n", isError: true, durationMs: 20 }),
	).toBe("  12 2026-11-22T08:00:00.005Z tool.completed bash failed, 20 ms\n     a\n     \n     b\n");
});

it("a model's answer shows its text, its calls and its tokens", () => {
	const message = {
		role: "assistant" as const,
		content: [
			{ type: "text" as const, text: "Look." },
			{ type: "tool_call" as const, id: "1", name: "bash", arguments: '{"command":"ls"}' },
		],
	};
	const usage = { ...NO_USAGE, input: 7, cacheRead: 3, output: 2 };
	expect(line({ type: "model.completed", run: "r", step: 1, message, stopReason: "tool_calls", usage, durationMs: 5 })).toBe(
		"  12 2026-11-22T08:00:00.005Z model.completed step 1, 10 tokens in, 2 out, 5 ms\n     Look.\n     ● bash $ ls\n",
	);
});

it("what is waited for is told, and when that is over", () => {
	const at = { run: "r", node: "n1", incarnation: 1 };
	expect(line({ type: "node.silent", ...at, since: 0, message: "Node n1 is not connected." })).toContain(
		"node.silent Node n1 is not connected.\n",
	);
	expect(line({ type: "node.heard", ...at })).toContain("node.heard node n1\n");
	expect(line({ type: "tool.waiting", run: "r", callId: "c", message: "The store is away.", giveUpAt: 0 })).toContain(
		"The store is away.\n",
	);
	expect(line({ type: "lease.recalled", id: "l", by: "jane", reason: "evicted by jane", cutAt: at.incarnation })).toContain(
		"lease.recalled by jane: evicted by jane, cut at 1970-01-01T00:00:00.001Z\n",
	);
});

it("a run that failed says why", () => {
	const event: SessionEvent = {
		type: "run.finished",
		run: "run-1",
		phase: "Failed",
		code: "MissingKey",
		message: "Set it.",
		result: "",
		iterations: 0,
		usage: NO_USAGE,
	};
	expect(line(event)).toContain("run.finished run-1 Failed (MissingKey): Set it.\n");
});

it("a cancellation names its code and its reason only where they say something", () => {
	expect(line({ type: "cancel.requested", run: "run-2", by: "system:admin", reason: "" })).toMatch(/ run-2 by system:admin\n$/);
	expect(line({ type: "cancel.requested", run: "run-2", by: "system:admin", reason: "late" })).toMatch(/ run-2 by system:admin: late\n$/);
	const event: SessionEvent = {
		type: "run.finished",
		run: "run-2",
		phase: "Cancelled",
		code: "Cancelled",
		message: "Cancelled by x.",
		result: "",
		iterations: 0,
		usage: NO_USAGE,
	};
	expect(line(event)).toContain("run.finished run-2 Cancelled: Cancelled by x.\n");
});
