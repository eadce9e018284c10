import { expect, it } from "vitest";
import type { Journaled, SessionEvent } from "../../../durable-objects/session/events.ts";
import { nodeCalls } from "./open-calls.ts";

const RUN = { run: "r" };
const started = (...calls: { callId: string; name: string; node?: string }[]): SessionEvent => ({
	type: "tools.started",
	...RUN,
	calls: calls.map((call) => ({ ...call, giveUpAt: 0 })),
});
const completed = (callId: string, more: { abandoned?: true } = {}): SessionEvent => ({
	type: "tool.completed",
	...RUN,
	...{ callId, name: "bash", content: "", isError: false, durationMs: 1, ...more },
});
/** A second apart. */
const journal = (...events: SessionEvent[]): Journaled[] => events.map((event, index) => ({ seq: index + 1, at: index * 1000, event }));

it("a call that began on a node and has no result is running", () => {
	const events = journal(
		started({ callId: "a", name: "bash", node: "n1" }, { callId: "w", name: "web_fetch" }),
		started({ callId: "b", name: "grep", node: "n1" }),
		completed("a"),
	);
	expect(nodeCalls(events)).toEqual([{ callId: "b", tool: "grep", startedAt: 1000 }]);
});

it("a call that was cut says when", () => {
	const events = journal(started({ callId: "a", name: "bash", node: "n1" }), completed("a", { abandoned: true }));
	expect(nodeCalls(events)).toEqual([{ callId: "a", tool: "bash", startedAt: 0, cutAt: 1000 }]);
});

it("a call whose machine is gone, and one whose beginning nobody saw, run nowhere", () => {
	const events = journal(
		started({ callId: "a", name: "read", node: "n1" }),
		{ type: "tools.unbound", ...RUN, callId: "a" },
		completed("z"),
	);
	expect(nodeCalls(events)).toEqual([]);
});

it("a person's command is in the way as a call is, and is named by who runs it", () => {
	const opened = (id: string): SessionEvent => ({ type: "exec.opened", id, by: "jane" });
	const events = journal(
		...["a", "b", "c"].map(opened),
		{ type: "exec.closed", id: "a" },
		{ type: "exec.closed", id: "b", cut: "The command was cut." },
	);
	expect(nodeCalls(events)).toEqual([
		{ callId: "b", tool: "a command of jane", startedAt: 1000, cutAt: 4000 },
		{ callId: "c", tool: "a command of jane", startedAt: 2000 },
	]);
});
