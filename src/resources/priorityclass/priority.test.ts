import { expect, test } from "vitest";
import { admitted } from "../test-kind.ts";
import { priorityClassKind } from "./kind.ts";
import { priorityClasses, priorityOf } from "./priority.ts";

const stored = [
	admitted(priorityClassKind, { value: 9, preemptionPolicy: "Never", description: "long" }, { name: "high" }),
	admitted(priorityClassKind, { value: 3, globalDefault: true }, { name: "usual" }),
];
const classes = priorityClasses(stored);

test("a class gives its value and its policy", () => {
	expect(priorityOf(classes, "high")).toEqual({ className: "high", value: 9, preemptionPolicy: "Never" });
});

test("without a name the default class counts, and without one of those nothing", () => {
	expect(priorityOf(classes, undefined)).toEqual({ className: "usual", value: 3, preemptionPolicy: "PreemptLowerPriority" });
	expect(priorityOf({}, undefined)).toEqual({ value: 0, preemptionPolicy: "PreemptLowerPriority" });
});

test("a name that no class has gives nothing, whatever it is", () => {
	expect(priorityOf(classes, "gone")).toBeUndefined();
	expect(priorityOf(classes, "constructor")).toBeUndefined();
});
