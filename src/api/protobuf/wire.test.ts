import { expect, test } from "vitest";
import { wireFields } from "./wire.ts";

const fields = (...bytes: number[]) => [...wireFields(Uint8Array.from(bytes))];

// The first two are the examples of protobuf's own description of its encoding.
test("a number is read seven bits a byte", () => {
	expect(fields(0x08, 0x96, 0x01)).toEqual([{ number: 1, value: 150n }]);
});

test("a text is read as its bytes", () => {
	expect(fields(0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67)).toEqual([{ number: 2, value: new TextEncoder().encode("testing") }]);
});

test("numbers of fixed length have their lowest byte first", () => {
	expect(fields(0x0d, 1, 2, 0, 0, 0x11, 1, 0, 0, 0, 0, 0, 0, 0x80)).toEqual([
		{ number: 1, value: 0x0201n },
		{ number: 2, value: 0x8000_0000_0000_0001n },
	]);
});

test("minus one takes all 64 bits", () => {
	expect(fields(0x08, ...Array(9).fill(0xff), 0x01)).toEqual([{ number: 1, value: 2n ** 64n - 1n }]);
});

test.each([
	["a number that does not end", [0x08, 0x80]],
	["a number of more than 64 bits", [0x08, ...Array(11).fill(0xff)]],
	["a text longer than the message", [0x12, 0x07, 0x74]],
	["a text longer than any memory", [0x12, ...Array(9).fill(0xff), 0x01]],
	["a group", [0x0b]],
	["the field 0", [0x00, 0x00]],
])("%s is refused", (_, bytes) => {
	expect(() => fields(...bytes)).toThrow(RangeError);
});
