import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JournaledCall } from "./call-record.ts";
import { Journal } from "./journal.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const RESULT = JSON.stringify({ content: "done", isError: false, durationMs: 3 });

function call(callId: string): JournaledCall {
	return {
		...{ callId, session: "default/s", workspace: "s", incarnation: 3, tool: "bash" },
		...{ arguments: { command: "true" }, timeoutMs: 1_000, acceptedAt: 1 },
	};
}

describe("Journal", () => {
	it("gives the calls and results of an earlier runtime to the next", () => {
		const dir = temporaryDirectory();
		const first = new Journal(dir, () => undefined);
		first.create(call("running"));
		first.create(call("finished")).write("result.json", RESULT);
		first.create(call("acknowledged")).acknowledge();

		const records = new Journal(dir, () => undefined).unacknowledged();
		expect(Object.fromEntries(records.map((record) => [record.call.callId, [record.call, record.result()?.content]]))).toEqual({
			running: [call("running"), undefined],
			finished: [call("finished"), "done"],
		});
	});

	it("drops a call that was being put on record when the runtime died, since nothing of it ran", () => {
		const dir = temporaryDirectory();
		mkdirSync(join(dir, "half"));
		writeFileSync(join(dir, "half", "call.json.tmp"), '{"callId":"ha');
		expect(new Journal(dir, () => undefined).unacknowledged()).toEqual([]);
		expect(readdirSync(dir)).toEqual([]);
	});

	it("leaves alone and reports what it cannot read", () => {
		const dir = temporaryDirectory();
		const lines: string[] = [];
		mkdirSync(join(dir, "odd"));
		writeFileSync(join(dir, "odd", "call.json"), "{}");
		expect(new Journal(dir, (line) => lines.push(line)).unacknowledged()).toEqual([]);
		expect(lines).toEqual([expect.stringContaining("The call odd in the journal cannot be read")]);
		expect(readdirSync(dir)).toEqual(["odd"]);
	});

	it("keeps an acknowledged call for its time and then prunes it", () => {
		const dir = temporaryDirectory();
		const journal = new Journal(dir, () => undefined);
		for (const name of ["old", "young", "unacknowledged"]) journal.create(call(name)).write("result.json", RESULT);
		for (const name of ["old", "young"]) journal.find(name)?.acknowledge();
		const twoHoursAgo = Date.now() / 1000 - 7_200;
		utimesSync(join(dir, "old", "acknowledged"), twoHoursAgo, twoHoursAgo);

		journal.prune(3_600_000);
		expect(readdirSync(dir).sort()).toEqual(["unacknowledged", "young"]);
		expect(journal.find("young")?.result()?.content).toBe("done");
		expect(journal.find("old")).toBeUndefined();
	});
});
