import { expect, it } from "vitest";
import type { SessionReport } from "../ports.ts";
import { type Outbox, oweReport } from "./outbox.ts";

const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const LONG = "\u0001".repeat(3_000_000);

function owed(part: Partial<SessionReport>): SessionReport | undefined {
	const outbox: Outbox = new Map();
	const run = { run: "r", phase: "Running" as const, iterations: 1, usage };
	oweReport(outbox, "a", { session: "s", uid: "u", seq: 1, phase: "Running", run, ...part });
	const [delivery] = outbox.values();
	return delivery?.to === "namespace" ? delivery.report : undefined;
}

it("a report fits a row of the namespace, whatever the session heard and its model said", () => {
	const run = {
		run: "r",
		phase: "Failed" as const,
		message: LONG,
		result: LONG,
		iterations: 1,
		usage,
	};
	const notices = Array.from({ length: 30 }, () => ({ type: "Warning" as const, reason: "Cut", message: LONG }));
	const checkpointed = { node: "n", reason: "OverCeiling", message: LONG, since: 0 };
	const report = owed({ run, waitingFor: LONG, notices, checkpointed });
	expect(JSON.stringify(report).length).toBeLessThan(2_000_000);
	expect(report?.run.result).toMatch(/the rest of the answer is in the session's log/);
});

it("a report of the usual size is as it was", () => {
	const part = {
		waitingFor: "0/1 nodes are available: 1 Insufficient cpu.",
		notices: [{ type: "Normal" as const, reason: "A", message: "b\nc" }],
	};
	expect(owed(part)).toMatchObject(part);
});
