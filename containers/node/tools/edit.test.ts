import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ToolBench } from "../testing/tool-bench.ts";
import { edit } from "./edit.ts";

describe("edit", () => {
	it("replaces the one place and leaves the rest byte for byte, whatever its encoding", async () => {
		const bench = new ToolBench();
		const path = bench.file("a.bin", Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), Buffer.from("größe = 1\r\n"), Buffer.from([0xe4])]));
		expect(await bench.content(edit, { path: "a.bin", old_string: "größe = 1", new_string: "größe = $& 2" })).toBe("edited a.bin");
		expect(readFileSync(path)).toEqual(
			Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), Buffer.from("größe = $& 2\r\n"), Buffer.from([0xe4])]),
		);
	});

	it("keeps the mode", async () => {
		const bench = new ToolBench();
		const path = bench.file("run.sh", "echo a");
		chmodSync(path, 0o700);
		await bench.content(edit, { path: "run.sh", old_string: "a", new_string: "b" });
		expect(statSync(path).mode & 0o777).toBe(0o700);
	});

	it("replaces every occurrence when it is told to, also by nothing", async () => {
		const bench = new ToolBench();
		const path = bench.file("a.txt", "aaaa b aa");
		expect(await bench.content(edit, { path: "a.txt", old_string: "aa", new_string: "", replace_all: true })).toBe(
			"replaced 3 occurrences in a.txt",
		);
		expect(readFileSync(path, "utf8")).toBe(" b ");
	});

	it.each([
		[{ old_string: "one", new_string: "x" }, 'old_string found 2 times in "a.txt"; it must stand there exactly once'],
		[{ old_string: "none", new_string: "x" }, 'old_string was not found in "a.txt". Read the file again'],
		[{ old_string: "one\ntwo", new_string: "x" }, "Its lines end with CRLF"],
		[{ old_string: "one", new_string: "one" }, "nothing to edit"],
		[{ old_string: "", new_string: "x" }, "The arguments of edit are wrong"],
		[{ path: "b.txt", old_string: "a", new_string: "x" }, "file not found"],
		[{ path: "../x", old_string: "a", new_string: "x" }, "is outside the workspace"],
	])("answers %j with a sentence and leaves the file alone", async (args, message) => {
		const bench = new ToolBench();
		const path = bench.file("a.txt", "one\r\ntwo\r\none");
		expect(await bench.error(edit, { path: "a.txt", ...args })).toContain(message);
		expect(readFileSync(path, "utf8")).toBe("one\r\ntwo\r\none");
	});
});

describe("an edit that is taken up after its runtime was killed", () => {
	const ARGS = { path: "a.txt", old_string: "one", new_string: "one one" };

	it("is not done again when it was done", async () => {
		const bench = new ToolBench();
		const path = bench.file("a.txt", "one");
		const record = bench.record("edit", ARGS);
		await bench.run(edit, ARGS, record);
		expect(await bench.run(edit, ARGS, record)).toEqual({ content: "edited a.txt", isError: false });
		expect(readFileSync(path, "utf8")).toBe("one one");
	});

	it("is done when it was not, whether or not it was about to be", async () => {
		const bench = new ToolBench();
		const path = bench.file("a.txt", "one");
		const record = bench.record("edit", ARGS);
		await bench.run(edit, ARGS, record);
		writeFileSync(path, "one"); // as if the runtime had died between its intent and the rename
		expect(await bench.run(edit, ARGS, record)).toEqual({ content: "edited a.txt", isError: false });
		expect(readFileSync(path, "utf8")).toBe("one one");
	});

	it("has an unknown outcome when something else changed the file since", async () => {
		const bench = new ToolBench();
		const path = bench.file("a.txt", "one");
		const record = bench.record("edit", ARGS);
		await bench.run(edit, ARGS, record);
		writeFileSync(path, "one two");
		expect(await bench.run(edit, ARGS, record)).toMatchObject({
			isError: true,
			unknown: true,
			content: expect.stringContaining('outcome unknown: the node stopped during this edit, and "a.txt" was changed'),
		});
		expect(readFileSync(path, "utf8")).toBe("one two");
	});
});
