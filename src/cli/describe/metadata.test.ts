import { expect, it } from "vitest";
import { Description } from "./description.ts";
import { labelOf } from "./generic.ts";
import { describeMetadata } from "./metadata.ts";

it("labels and annotations stand below each other, a long annotation on lines of its own and cut", () => {
	const text = new Description();
	describeMetadata(text, {
		name: "a",
		labels: { b: "2", a: "1" },
		annotations: { short: "x\n", lines: "one\ntwo", long: "y".repeat(150), "kubectl.kubernetes.io/last-applied-configuration": "{}" },
	});
	expect(text.toString()).toBe(
		"Name:         a\nNamespace:    \nLabels:       a=1\n              b=2\n" +
			`Annotations:  lines:\n                one\n                two\n              long:\n                ${"y".repeat(138)}...\n              short: x\n`,
	);
});

it.each([
	["creationTimestamp", "Creation Timestamp"],
	["apiVersion", "API Version"],
	["uid", "UID"],
	["machineID", "Machine ID"],
	["podIPs", "Pod I Ps"],
	["snake_case", "Snake Case"],
	["v1beta2", "V 1 beta 2".replace("beta", "Beta")],
])("the field %s is called %s", (field, label) => {
	expect(labelOf(field)).toBe(label);
});
