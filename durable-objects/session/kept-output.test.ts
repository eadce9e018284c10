import { describe, expect, it } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import { KeptOutput } from "./kept-output.ts";
import { Live } from "./live.ts";

function world() {
	const sql = memorySql();
	const due: (() => void)[] = [];
	const boot = () => {
		const live = new Live();
		const kept = new KeptOutput({ sql, printed: (callId) => live.printed(callId), later: (_, run) => due.push(run) });
		const prints = (offset: number, text: string) => {
			live.toolOutput("r", "c", offset, text);
			kept.changed("c");
		};
		return { live, kept, prints };
	};
	const pass = () => {
		for (const run of due.splice(0)) run();
	};
	const rows = () => sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'outputs'").toArray().length;
	return { boot, pass, rows, due };
}

describe("what a running command has printed", () => {
	it("is known to an object that was evicted meanwhile, and goes on behind it", () => {
		const { boot, pass } = world();
		const before = boot();
		before.prints(0, "one\n");
		pass();
		expect(boot().kept.printed("c")).toEqual([{ from: 0, text: "one\n" }]);
		const after = boot();
		after.prints(4, "two\n");
		pass();
		expect(boot().kept.printed("c")).toEqual([
			{ from: 0, text: "one\n" },
			{ from: 4, text: "two\n" },
		]);
	});

	it("is kept once in a while, however often it prints", () => {
		const { boot, due } = world();
		const { prints } = boot();
		for (let at = 0; at < 100; at++) prints(at, "x");
		expect(due).toHaveLength(1);
	});

	it("is not kept of a command that has ended by then", () => {
		const { boot, pass, rows } = world();
		const { prints, live, kept } = boot();
		prints(0, "one\n");
		live.endTool("c");
		kept.forget("c");
		pass();
		expect(rows()).toBe(0);
	});

	it("is forgotten when the command ends", () => {
		const { boot, pass } = world();
		const { prints, live, kept } = boot();
		prints(0, "one\n");
		pass();
		live.endTool("c");
		kept.forget("c");
		expect(boot().kept.printed("c")).toEqual([]);
	});

	it("takes no more than its beginning and its end", () => {
		const { boot, pass } = world();
		const { prints } = boot();
		for (let at = 0; at < 1_000_000; at += 10_000) prints(at, "y".repeat(10_000));
		pass();
		const kept = boot().kept.printed("c");
		expect(kept.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(12_000);
		const last = kept.at(-1);
		expect(last && last.from + last.text.length).toBe(1_000_000);
	});
});
