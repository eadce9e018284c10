import { describe, expect, it } from "vitest";
import { changedTaints, parseTaintChanges, type Taint } from "./taint-changes.ts";

const before: Taint[] = [
	{ key: "gpu", value: "yes", effect: "NoSchedule", timeAdded: "2026-11-22T08:00:00Z" },
	{ key: "gpu", effect: "NoExecute" },
	{ key: "old", effect: "PreferNoSchedule" },
];
const change = (words: string[], overwrite = false) => changedTaints("n1", before, parseTaintChanges(words), overwrite);

describe("taints", () => {
	it("are added in front of those that are there, which stay as they are", () => {
		expect(change(["team=red:NoSchedule", "new:NoExecute"])).toEqual({
			taints: [{ key: "team", value: "red", effect: "NoSchedule" }, { key: "new", effect: "NoExecute" }, ...before],
			done: "tainted",
		});
	});

	it("are taken away by key and effect, or all of a key", () => {
		expect(change(["gpu:NoExecute-"])).toEqual({ taints: [before[0], before[2]], done: "untainted" });
		expect(change(["gpu-"])).toEqual({ taints: [before[2]], done: "untainted" });
	});

	it("are modified when some come and others go", () => {
		expect(change(["old-", "team=red:NoSchedule"]).done).toBe("modified");
	});

	it("of the same key and effect are replaced only on request", () => {
		expect(() => change(["gpu=no:NoSchedule", "old:PreferNoSchedule"])).toThrow(
			"node n1 already has gpu,old taint(s) with same effect(s) and --overwrite is false",
		);
		expect(change(["gpu=no:NoSchedule"], true)).toEqual({
			taints: [{ key: "gpu", value: "no", effect: "NoSchedule" }, before[1], before[2]],
			done: "modified",
		});
	});

	it("that are not there cannot be taken away", () => {
		expect(() => change(["gone-", "old:NoSchedule-"])).toThrow('taint "gone" not found\ntaint "old:NoSchedule" not found');
	});
});

it.each([
	["a=b", "invalid taint spec: a=b, name part must consist of"],
	["=b:NoSchedule", "invalid taint spec: =b:NoSchedule, name part must be non-empty; name part must consist of"],
	["a=b!:NoSchedule", "invalid taint spec: a=b!:NoSchedule, a valid label must be an empty string or consist of"],
	["a=b:Sometimes", "invalid taint effect: Sometimes, unsupported taint effect"],
	["a=b:NoSchedule:x", "invalid taint spec: a=b:NoSchedule:x"],
	["a=b=c:NoSchedule", "invalid taint spec: a=b=c:NoSchedule"],
])("%s is refused in kubectl's words", (word, message) => {
	expect(() => parseTaintChanges([word])).toThrow(message);
});

it("the same taint cannot be given twice, or given and taken away", () => {
	expect(() => parseTaintChanges(["a=b:NoSchedule", "a=c:NoSchedule"])).toThrow(
		"duplicated taints with the same key and effect: {a c NoSchedule <nil>}",
	);
	expect(() => parseTaintChanges(["a=b:NoSchedule", "a-"])).toThrow(
		"can not both modify and remove the following taint(s) in the same command: a=",
	);
});
