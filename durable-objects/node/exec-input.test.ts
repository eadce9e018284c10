import { describe, expect, it, onTestFinished } from "vitest";
import { DATA_BYTES, WINDOW_BYTES } from "../../containers/node/exec/protocol.ts";
import { ExecInput, INPUT_LIMIT_BYTES } from "./exec-input.ts";

function opened() {
	const sent: (number | "end")[] = [];
	const input = new ExecInput({ send: (bytes) => sent.push(bytes.byteLength), end: () => sent.push("end") });
	onTestFinished(() => input.close());
	const total = () => sent.reduce<number>((sum, size) => sum + (size === "end" ? 0 : size), 0);
	return { input, sent, total };
}

describe("the input of a command", () => {
	it("goes on in pieces that fit a frame, and then ends", () => {
		const { input, sent } = opened();
		input.write(new Uint8Array(DATA_BYTES + 1));
		input.end();
		expect(sent).toEqual([DATA_BYTES, 1, "end"]);
	});

	it("stays in order, its end last, while there is no room", () => {
		const { input, sent, total } = opened();
		input.write(new Uint8Array(WINDOW_BYTES));
		input.write(new Uint8Array([1, 2, 3]));
		input.end();
		expect(total()).toBe(WINDOW_BYTES);
		input.credit(2);
		expect(sent).not.toContain("end");
		input.credit(1);
		expect(sent.slice(-2)).toEqual([3, "end"]);
	});

	it("is refused when too much of it waits, and taken again when there is room", () => {
		const { input, total } = opened();
		expect(input.write(new Uint8Array(INPUT_LIMIT_BYTES))).toBe(true);
		expect(input.write(new Uint8Array(WINDOW_BYTES))).toBe(true);
		expect(input.write(new Uint8Array(1))).toBe(false);
		input.credit(WINDOW_BYTES);
		expect(input.write(new Uint8Array(1))).toBe(true);
		expect(total()).toBe(2 * WINDOW_BYTES);
	});

	it("does not grow its room by credit for what an earlier memory of the object sent", () => {
		const { input, total } = opened();
		input.credit(10 * WINDOW_BYTES);
		input.write(new Uint8Array(2 * WINDOW_BYTES));
		expect(total()).toBe(WINDOW_BYTES);
	});
});
