import { describe, expect, it } from "vitest";
import { parseFrame, RESULT_LIMIT, toServerSchema } from "../../containers/node/protocol.ts";
import { boundedFrame } from "./bounded-frame.ts";

const LONG = "x".repeat(5_000_000);

/** As a machine sends it and the object takes it. */
function taken(said: Record<string, unknown>) {
	const frame = parseFrame(toServerSchema, JSON.stringify({ v: 1, id: crypto.randomUUID(), incarnation: 1, ...said }));
	if (!frame || frame.type === "hello") throw new Error("the frame is not taken");
	return boundedFrame(frame);
}

describe("what a machine says too much of", () => {
	it.each([
		["why a call waits", { type: "call-waiting", session: "a/b" }],
		["why a command ended", { type: "exec-exit" }],
	])("is cut: %s", (_, frame) => {
		expect(taken({ ...frame, message: LONG })).toMatchObject({ message: `${"x".repeat(1_000)}...` });
		expect(taken({ ...frame, message: "\u001b[2Jgone\nby\tnow" })).toMatchObject({ message: " [2Jgone by now" });
	});

	it.each(["\u001b]0;owned\u0007", "over ceiling", "overCeiling", "x".repeat(64), "Über", "Ünkept"])(
		"is no reason that files are unkept: %j",
		(reason) => {
			const unkept = { reason, message: LONG };
			const kept = { unkept: { reason: "NotCheckpointed", message: `${"x".repeat(1_000)}...` } };
			expect(taken({ type: "exec-exit", unkept })).toMatchObject(kept);
			const result = { content: "", isError: false, durationMs: 1, unkept };
			expect(taken({ type: "result", session: "a/b", result })).toMatchObject({ result: kept });
		},
	);

	it("is left as it is when it is what runtimes say", () => {
		const result = {
			...{ content: `${"x".repeat(RESULT_LIMIT)}\n\tand a note`, isError: true, durationMs: 1, outputFile: ".klaw/out.txt" },
			unkept: { reason: "OverCeiling", message: "It is too large." },
		};
		expect(taken({ type: "result", session: "a/b", result })).toMatchObject({ result });
	});

	it("is cut in results and output, and the result says so", () => {
		const result = { content: LONG, isError: false, durationMs: 1, outputFile: LONG };
		const frame = taken({ type: "result", session: "a/b", result });
		if (frame.type !== "result") throw new Error("it is no result any more");
		expect([frame.result.content.length, frame.result.content.slice(-33)]).toEqual([
			2 * RESULT_LIMIT,
			"x\n... (the rest was left out) ...",
		]);
		expect(frame.result.outputFile?.length).toBeLessThan(5_000);
		expect(taken({ type: "output", session: "a/b", offset: 0, text: LONG })).toMatchObject({ text: "x".repeat(2 ** 20) });
	});
});
