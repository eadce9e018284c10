import { describe, expect, test } from "vitest";
import { type PriorityClass, priorityClassKind } from "../../src/resources/priorityclass/kind.ts";
import { admitted } from "../../src/resources/test-kind.ts";
import { missingSystemClasses, refuseSecondDefault } from "./priority-classes.ts";

const stamp = { now: 0, uid: () => "uid" };
const of = (name: string, fields: Partial<PriorityClass>) => admitted(priorityClassKind, fields, { name });
const namesOf = (changes: ReturnType<typeof missingSystemClasses>) =>
	changes.map((change) => (change.type === "put" ? change.object.metadata.name : change.type));

test("a cluster that lacks a class of the system gets it, and keeps the one that it has", () => {
	expect(namesOf(missingSystemClasses(() => undefined, stamp))).toEqual(["system-cluster-critical", "system-node-critical"]);
	const [, stored] = missingSystemClasses(() => undefined, stamp);
	if (stored?.type !== "put") throw new Error("no class was put");
	const lookup = (name: string) => (name === "system-node-critical" ? (stored.object as PriorityClass) : undefined);
	expect(namesOf(missingSystemClasses(lookup, stamp))).toEqual(["system-cluster-critical"]);
});

describe("of several classes", () => {
	const usual = of("usual", { globalDefault: true });
	const refused = (object: PriorityClass) => refuseSecondDefault(() => [usual], { kind: priorityClassKind, object })?.message;

	test("one can be the default, as Kubernetes says", () => {
		expect(refused(of("other", { globalDefault: true }))).toBe(
			'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
		);
	});

	test("the default may be written again, and others as they like", () => {
		expect([refused(usual), refused(of("other", {}))]).toEqual([undefined, undefined]);
	});
});
