import { describe, expect, it } from "vitest";
import { EventStreamParser } from "./event-stream.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const parse = (...chunks: (string | Uint8Array)[]) => {
	const parser = new EventStreamParser();
	return chunks.flatMap((chunk) => parser.push(typeof chunk === "string" ? encode(chunk) : chunk));
};

describe("EventStreamParser", () => {
	it.each([
		["LF", "id: 1\nevent: a\ndata: x\n\n"],
		["CRLF", "id: 1\r\nevent: a\r\ndata: x\r\n\r\n"],
		["CR", "id: 1\revent: a\rdata: x\r\r"],
		["a byte order mark first", "\ufeffid: 1\nevent: a\ndata: x\n\n"],
		["no space after the colon", "id:1\nevent:a\ndata:x\n\n"],
		["a comment in between", ": still here\n\nid: 1\nevent: a\n: and here\ndata: x\n\n"],
		["an unknown field", "retry: 5\nid: 1\nevent: a\nwhatever\ndata: x\n\n"],
	])("reads an event with %s", (_, text) => {
		expect(parse(text)).toEqual([{ event: "a", data: "x", id: "1" }]);
	});

	it("returns the same events wherever the stream is cut, also inside a character and inside CRLF", () => {
		const bytes = encode("id: 7\r\nevent: é\r\ndata: 日本🎉\r\ndata: zwei\r\n\r\ndata: next\r\n\r\n");
		const expected = [
			{ event: "é", data: "日本🎉\nzwei", id: "7" },
			{ event: "message", data: "next", id: "7" },
		];
		for (let cut = 0; cut <= bytes.length; cut++) expect(parse(bytes.slice(0, cut), bytes.slice(cut))).toEqual(expected);
		expect(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
	});

	it("joins the lines of data, keeps empty ones, and strips one space only", () => {
		expect(parse("data: a\ndata:\ndata:   b\n\n")[0]?.data).toBe("a\n\n  b");
	});

	it("keeps back an event that the end of the stream cuts", () => {
		expect(parse("data: whole\n\ndata: half\n").map((event) => event.data)).toEqual(["whole"]);
	});

	it("returns nothing for an event without data, and forgets its name", () => {
		expect(parse("event: ghost\n\ndata: x\n\n")).toEqual([{ event: "message", data: "x", id: undefined }]);
	});
});
