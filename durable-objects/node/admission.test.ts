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
	const admission = admit({ hello: hello(), name: "a", owner: undefined, lastIncarnation: 0 });
	if (!admission.ok) throw new Error(admission.message);
	return admission.identity;
}

describe("admission", () => {
	it("gives a new name its first incarnation", () => {
		expect(admit({ hello: hello(), name: "a", owner: undefined, lastIncarnation: 0 })).toMatchObject({
			ok: true,
			identity: { incarnation: 1 },
		});
	});

	it("lets the same machine come back under the same incarnation, with what it offers now", () => {
		const back = hello({ capacity: { cpu: 8, memory: 9, slots: 1 } });
		expect(admit({ hello: back, name: "a", owner: owner(), lastIncarnation: 1 })).toMatchObject({
			ok: true,
			identity: { incarnation: 1, capacity: { cpu: 8 } },
		});
	});

	it("gives the machine that follows a deleted one a higher incarnation", () => {
		expect(admit({ hello: hello({ uid: "u2" }), name: "a", owner: undefined, lastIncarnation: 3 })).toMatchObject({
			ok: true,
			identity: { incarnation: 4 },
		});
	});

	it("gives a machine that was rebooted a higher incarnation, since what it ran is gone", () => {
		const before = { ...owner(), bootId: "b1" };
		const claim = { name: "a", owner: before, lastIncarnation: 1 };
		expect(admit({ ...claim, hello: hello({ bootId: "b1" }) })).toEqual({
			ok: true,
			identity: expect.objectContaining({ incarnation: 1 }),
		});
		expect(admit({ ...claim, hello: hello({ bootId: "b2" }) })).toMatchObject({ ok: true, over: 1, identity: { incarnation: 2 } });
	});

	describe("of a container that was ordered", () => {
		const container = { name: "a", capacity: { cpu: 0.5, memory: 2, slots: 1 }, labels: { "klaw.sh/pool": "default" } };

		it("takes its capacity from the order: a machine's own word may be a lie", () => {
			const lie = hello({ capacity: { cpu: 64, memory: 2 ** 40, slots: 100 }, labels: { "kubernetes.io/os": "linux" } });
			expect(admit({ hello: lie, name: "a", owner: undefined, lastIncarnation: 0, container })).toMatchObject({
				ok: true,
				identity: {
					...{ source: "container", capacity: container.capacity },
					labels: { "klaw.sh/pool": "default", "kubernetes.io/os": "linux" },
				},
			});
		});

		it("gives it the name of the container before it, whose incarnation is over", () => {
			const before = { ...owner(), source: "container" as const };
			const claim = { hello: hello({ uid: "u2" }), name: "a", owner: before, lastIncarnation: 1, container };
			expect(admit(claim)).toMatchObject({ ok: true, over: 1, identity: { uid: "u2", incarnation: 2 } });
		});

		it("refuses its name to a machine that dials in", () => {
			const before = { ...owner(), source: "container" as const };
			expect(admit({ hello: hello(), name: "a", owner: before, lastIncarnation: 1 })).toMatchObject({ ok: false, code: "NameTaken" });
		});
	});

	it.each([
		["another machine under a taken name", hello({ uid: "u2" }), "NameTaken", /--name.*klaw delete node a/],
		["another version of the protocol", hello({}, 2), "UnsupportedProtocol", /version 1.*version 2/],
		["a machine that dials in under another name", hello({ name: "b" }), "WrongName", /"a".*"b"/],
	])("refuses %s and says what to do", (_, frame, code, message) => {
		expect(admit({ hello: frame, name: "a", owner: owner(), lastIncarnation: 1 })).toMatchObject({
			ok: false,
			code,
			message: expect.stringMatching(message),
		});
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
