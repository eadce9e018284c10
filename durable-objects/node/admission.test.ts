import { describe, expect, it } from "vitest";
import { type Hello, helloSchema, parseFrame, toNodeSchema, toServerSchema } from "../../containers/node/protocol.ts";
import { admit, type NodeIdentity } from "./admission.ts";

function hello(node: Partial<Hello["node"]> = {}, v = 1): Hello {
	const capacity = { cpu: 2, memory: 1_000, slots: 4 };
	return helloSchema.parse({
		v,
		type: "hello",
		id: "h1",
		incarnation: 0,
		node: { name: "a", uid: "u1", version: "1", os: "linux", arch: "x64", capacity, ...node },
	});
}

function owner(): NodeIdentity {
	const admission = admit(hello(), "a", undefined, 0);
	if (!admission.ok) throw new Error(admission.message);
	return admission.identity;
}

describe("admission", () => {
	it("gives a new name its first incarnation", () => {
		expect(admit(hello(), "a", undefined, 0)).toMatchObject({ ok: true, identity: { incarnation: 1 } });
	});

	it("lets the same machine come back under the same incarnation, with what it offers now", () => {
		const back = hello({ capacity: { cpu: 8, memory: 9, slots: 1 } });
		expect(admit(back, "a", owner(), 1)).toMatchObject({ ok: true, identity: { incarnation: 1, capacity: { cpu: 8 } } });
	});

	it("gives the machine that follows a deleted one a higher incarnation", () => {
		expect(admit(hello({ uid: "u2" }), "a", undefined, 3)).toMatchObject({ ok: true, identity: { incarnation: 4 } });
	});

	it.each([
		["another machine under a taken name", hello({ uid: "u2" }), "NameTaken", /--name.*klaw delete node a/],
		["another version of the protocol", hello({}, 2), "UnsupportedProtocol", /version 1.*version 2/],
		["a machine that dials in under another name", hello({ name: "b" }), "WrongName", /"a".*"b"/],
	])("refuses %s and says what to do", (_, frame, code, message) => {
		expect(admit(frame, "a", owner(), 1)).toMatchObject({ ok: false, code, message: expect.stringMatching(message) });
	});
});

describe("frames", () => {
	it("may carry fields that this side does not know", () => {
		const text = JSON.stringify({ ...hello(), color: "blue" });
		expect(parseFrame(toServerSchema, text)).toMatchObject({ type: "hello" });
	});

	it.each(["not json", "{}", '{"v":1,"type":"dance","id":"1","incarnation":1}', '{"v":1,"type":"call","id":"1","incarnation":1}'])(
		"that are not understood are ignored: %s",
		(text) => {
			expect(parseFrame(toNodeSchema, text)).toBeUndefined();
		},
	);
});
