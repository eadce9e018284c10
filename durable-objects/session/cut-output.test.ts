import { describe, expect, it } from "vitest";
import { OUTPUT_UNTIL_THEN, withOutput, withoutOutput } from "./cut-output.ts";
import type { ToolCompleted } from "./events.ts";
import { Live } from "./live.ts";

const cut: ToolCompleted = {
	...{ type: "tool.completed", run: "r", callId: "c", name: "bash", content: "outcome unknown: it was cut.", isError: true, durationMs: 5 },
};
const told = (live: Live, event = cut) => {
	const given = withOutput(event, (callId) => live.printed(callId));
	return given.type === "tool.completed" ? given.content : "";
};

describe("a command that was given up", () => {
	it("is told with what it had printed until then", () => {
		const live = new Live();
		live.toolOutput("r", "c", 0, "compiling\n");
		live.toolOutput("r", "c", 10, "linking\n");
		expect(told(live)).toBe("outcome unknown: it was cut.\n\nOutput until then:\ncompiling\nlinking\n");
	});

	it("is told without, when nothing is known of its output", () => {
		expect(told(new Live())).toBe(cut.content);
	});

	it("is told with the beginning and the end of an output that is long, and how much is missing between", () => {
		const live = new Live();
		const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join("");
		for (let at = 0; at < lines.length; at += 1_000) live.toolOutput("r", "c", at, lines.slice(at, at + 1_000));
		const content = told(live);
		expect(content.length).toBeLessThan(40_000);
		expect(content).toContain(`${OUTPUT_UNTIL_THEN}line 0\nline 1\n`);
		expect(content.endsWith("line 19998\nline 19999\n")).toBe(true);
		const left = [...content.matchAll(/\.\.\. \((\d+) characters are left out here\) \.\.\.\n/g)].map(([, count]) => Number(count));
		const kept = content.slice(content.indexOf(OUTPUT_UNTIL_THEN) + OUTPUT_UNTIL_THEN.length).replace(/\n?\.\.\. \(.*\n/g, "");
		expect(kept.length + left.reduce((sum, count) => sum + count, 0)).toBeCloseTo(lines.length, -2);
	});

	it("says how much came before anybody listened", () => {
		const live = new Live();
		live.toolOutput("r", "c", 500, "the rest\n");
		expect(told(live)).toContain("... (500 characters are left out here) ...\nthe rest\n");
	});
});

it("a command that came back has its own result and nothing else", () => {
	const live = new Live();
	live.toolOutput("r", "c", 0, "text");
	expect(told(live, { ...cut, isError: false })).toBe(cut.content);
});

it("its node is told why it is stopped, and not what it printed itself", () => {
	const live = new Live();
	live.toolOutput("r", "c", 0, "text");
	expect(withoutOutput(told(live))).toBe(cut.content);
	expect(withoutOutput("nothing was printed")).toBe("nothing was printed");
});
