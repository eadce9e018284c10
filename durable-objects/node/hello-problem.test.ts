import { describe, expect, it } from "vitest";
import { type Hello, helloSchema } from "../../containers/node/protocol.ts";
import { admit } from "./admission.ts";
import { helloProblem } from "./hello-problem.ts";

function hello(node: Partial<Hello["node"]> = {}, calls: Hello["calls"] = [], execs?: string[]): Hello {
	const capacity = { cpu: 2, memory: 1_000, slots: 4 };
	const facts = { name: "a", uid: "u1", version: "1", os: "linux", arch: "x64", capacity };
	return helloSchema.parse({ v: 1, type: "hello", id: "h1", incarnation: 0, node: { ...facts, ...node }, calls, execs });
}

const labels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, ""]));
const many = <T>(count: number, thing: T): T[] => Array.from({ length: count }, () => thing);

describe("what a machine says of itself", () => {
	it("is taken when it is what machines are", () => {
		const node = {
			labels: { "kubernetes.io/hostname": "a", ...labels(63) },
			taints: [{ key: "example.com/gpu", value: "yes", effect: "NoSchedule" as const }],
			...{ osImage: "Debian GNU/Linux 12 (bookworm)", kernelVersion: "6.1.0-18-amd64", hostname: "büro.local", isolation: "bubblewrap" },
			addresses: [{ type: "InternalIP", address: "fe80::1" }],
		};
		expect(helloProblem(hello(node, [{ callId: "c1", session: "default/s", state: "running" }]))).toBeUndefined();
	});

	it.each<[string, Partial<Hello["node"]>, RegExp]>([
		["65 labels", { labels: labels(65) }, /has 65 labels, and may have 64/],
		["a label with another key than Kubernetes'", { labels: { "a b": "" } }, /label "a b=": name part must consist of.*--labels/],
		["a label with a long value", { labels: { a: "x".repeat(64) } }, /must be no more than 63 characters/],
		["a taint of no key", { taints: [{ key: "-", effect: "NoSchedule" }] }, /taint "-=".*--taints/],
		["65 taints", { taints: many(65, { key: "a", effect: "NoSchedule" }) }, /65 taints/],
		["65 addresses", { addresses: many(65, { type: "InternalIP", address: "::1" }) }, /65 addresses/],
		["an address that is long", { addresses: [{ type: "Hostname", address: "a".repeat(300) }] }, /address of the node has 300/],
		["a long uid", { uid: "u".repeat(129) }, /uid of the node has 129 characters, and may have 128/],
		["a long version", { version: "v".repeat(257) }, /version of the node has 257/],
		["an operating system that rings", { osImage: "Debian\u0007" }, /osImage of the node has control characters: "Debian\\u0007"/],
		["a kernel of two lines", { kernelVersion: "6\n7" }, /kernelVersion .*"6\\n7"/],
		["a host that clears screens", { hostname: "\u001b[2J" }, /hostname .*control characters/],
	])("is refused with a sentence when it has %s", (_, node, message) => {
		expect(admit({ hello: hello(node), name: "a", owner: undefined, lastIncarnation: 0 })).toMatchObject({
			ok: false,
			code: "InvalidHello",
			message: expect.stringMatching(message),
		});
	});

	it("is refused when it has more calls than any machine runs", () => {
		const calls = many(10_001, { callId: "c", session: "default/s", state: "running" as const });
		expect(helloProblem(hello({}, calls))).toMatch(/10001 calls/);
	});

	it("is refused when it has more commands of people than any machine runs, or one with no id of klaw's", () => {
		expect(helloProblem(hello({}, [], many(10_001, "e")))).toMatch(/10001 commands/);
		expect(helloProblem(hello({}, [], ["e".repeat(513)]))).toMatch(/id of a command of the node has 513 characters/);
		expect(helloProblem(hello({}, [], ["e"]))).toBeUndefined();
	});
});
