import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RECORDED } from "../../../test/fakes/kubectl-bodies.ts";
import { ApiError } from "../status.ts";
import { decodeObject } from "./decode-object.ts";

const bytesOf = (body: string) => new Uint8Array(Buffer.from(body, "base64"));

function refusal(bytes: Uint8Array) {
	try {
		return decodeObject(bytes);
	} catch (error) {
		if (error instanceof ApiError) return error.status;
		throw error;
	}
}

describe("what kubectl sends is understood", () => {
	test.each(RECORDED)("for kubectl $command", ({ body, object }) => {
		expect(decodeObject(bytesOf(body))).toEqual(object);
	});
});

test("a body that breaks off is refused or read as far as it goes, and never fails otherwise", () => {
	for (const { body } of RECORDED) {
		const bytes = bytesOf(body);
		for (let length = 0; length < bytes.length; length++) refusal(bytes.subarray(0, length));
	}
	const whole = bytesOf(RECORDED[0]?.body ?? "");
	expect(refusal(whole.subarray(0, whole.length - 1))).toMatchObject({ reason: "BadRequest", code: 400 });
});

test("no bytes at all make it fail otherwise than with a Status", () => {
	const heads = RECORDED.map(({ body }) => [...bytesOf(body).subarray(0, 40)]);
	fc.assert(
		fc.property(fc.constantFrom(...heads, [0x6b, 0x38, 0x73, 0]), fc.uint8Array({ maxLength: 200 }), (head, tail) => {
			refusal(Uint8Array.from([...head, ...tail]));
		}),
	);
});

test("JSON under the name of protobuf is refused", () => {
	expect(refusal(new TextEncoder().encode("{}"))).toMatchObject({
		reason: "BadRequest",
		code: 400,
		message: expect.stringContaining("is not a Kubernetes object in protobuf"),
	});
});

test("a kind that has no protobuf form is to be sent as JSON", () => {
	const klaw = [0x0a, 0x07, ...new TextEncoder().encode("klaw/v1"), 0x12, 0x05, ...new TextEncoder().encode("Agent")];
	const body = Uint8Array.from([0x6b, 0x38, 0x73, 0x00, 0x0a, klaw.length, ...klaw]);
	expect(refusal(body)).toMatchObject({
		reason: "UnsupportedMediaType",
		code: 415,
		message: "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml",
	});
});
