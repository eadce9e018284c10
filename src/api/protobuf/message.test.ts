import { describe, expect, test } from "vitest";
import { decodeMessage, list, map, message, one, pointer } from "./message.ts";
import { objectMeta } from "./meta-messages.ts";

/** Encodes a field: a number as wire type 0 (below 128), all else as wire type 2. */
function field(number: number, value: number | string | number[]): number[] {
	if (typeof value === "number") return [number << 3, value];
	const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
	return [(number << 3) | 2, bytes.length, ...bytes];
}

const decode = (type: Parameters<typeof decodeMessage>[0], ...fields: number[][]) => decodeMessage(type, Uint8Array.from(fields.flat()));

test("empty values are left out, as Go leaves them out of JSON", () => {
	const type = message({ name: one(1, "string"), count: one(2, "int"), ready: one(3, "bool"), time: one(4, "time") });
	expect(decode(type, field(1, ""), field(2, 0), field(3, 0), field(4, []))).toEqual({});
	expect(decode(type, field(1, "a"), field(2, 7), field(3, 1))).toEqual({ name: "a", count: 7, ready: true });
});

test("a pointer to nothing but zero is kept", () => {
	const type = message({ graceSeconds: pointer(1, "int"), immutable: pointer(2, "bool") });
	expect(decode(type, field(1, 0), field(2, 0))).toEqual({ graceSeconds: 0, immutable: false });
	expect(decode(type)).toEqual({});
});

test("negative numbers are read", () => {
	const minusOne = [0x08, ...Array(9).fill(0xff), 0x01];
	expect(decode(message({ n: one(1, "int") }), minusOne)).toEqual({ n: -1 });
});

test("the last of several values counts", () => {
	expect(decode(message({ a: one(1, "string") }), field(1, "x"), field(1, "y"))).toEqual({ a: "y" });
});

test("lists keep their order and their empty values", () => {
	expect(decode(message({ a: list(1, "string") }), field(1, "x"), field(1, ""), field(1, "y"))).toEqual({ a: ["x", "", "y"] });
});

test("maps take any key and keep empty values", () => {
	const type = message({ labels: map(1, "string") });
	const pair = (key: string, value: string) => field(1, [...field(1, key), ...field(2, value)]);
	const { labels } = decode(type, pair("a", "1"), pair("b", ""), pair("__proto__", "x"), pair("a", "2"));
	expect(Object.entries(Object(labels))).toEqual([
		["a", "2"],
		["b", ""],
		["__proto__", "x"],
	]);
	expect(decode(type, field(1, []))).toEqual({ labels: { "": "" } });
});

test("fields that are not known are passed over", () => {
	expect(decode(message({ a: one(1, "string") }), field(9, "new"), field(1, "x"), field(10, 1))).toEqual({ a: "x" });
});

describe("types that JSON writes in its own way", () => {
	test("bytes are base64", () => {
		expect(decode(message({ data: one(1, "bytes") }), field(1, [0, 255, 16]))).toEqual({ data: "AP8Q" });
	});

	test("quantities are texts", () => {
		expect(decode(message({ hard: map(1, "quantity") }), field(1, [...field(1, "cpu"), ...field(2, field(1, "500m"))]))).toEqual({
			hard: { cpu: "500m" },
		});
	});

	test("times are RFC 3339, in whole seconds or microseconds", () => {
		const at = [...field(1, 100), 0x10, 0x80, 0xc6, 0x86, 0x8f, 0x02];
		expect(decode(message({ time: one(1, "time") }), field(1, at))).toEqual({ time: "1970-01-01T00:01:40Z" });
		expect(decode(message({ time: one(1, "microTime") }), field(1, at))).toEqual({ time: "1970-01-01T00:01:40.568000Z" });
	});

	test("sets of fields are the JSON that is in them", () => {
		const entry = [...field(1, "kubectl"), ...field(7, field(1, '{"f:spec":{}}'))];
		const [tag, length] = [(17 << 3) | 2, entry.length];
		expect(decode(objectMeta, [(tag & 0x7f) | 0x80, tag >> 7, length, ...entry])).toEqual({
			managedFields: [{ manager: "kubectl", fieldsV1: { "f:spec": {} } }],
		});
	});

	test("a message around a list is the list", () => {
		const pair = [...field(1, "k"), ...field(2, [...field(1, "a"), ...field(1, "b")])];
		expect(decode(message({ extra: map(1, "texts") }), field(1, pair))).toEqual({ extra: { k: ["a", "b"] } });
	});
});

describe("a message is refused", () => {
	test.each([
		["with a number where a text should be", one(1, "string"), field(1, 1)],
		["with a text where a number should be", one(1, "int"), field(1, "x")],
		["with a text that is not UTF-8", one(1, "string"), field(1, [0xff])],
		["with no JSON where there should be some", one(1, "fieldsV1"), field(1, field(1, "{"))],
		["with a number that JavaScript cannot count", one(1, "int"), [0x08, ...Array(8).fill(0xff), 0x7f]],
		["with a time beyond all calendars", one(1, "time"), field(1, [0x08, ...Array(6).fill(0xff), 0x0f])],
	])("%s", (_, type, bytes) => {
		expect(() => decode(message({ a: type }), bytes)).toThrow(RangeError);
	});
});
