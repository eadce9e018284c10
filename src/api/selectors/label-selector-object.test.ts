import { expect, test } from "vitest";
import { selectorOfObject } from "./label-selector-object.ts";

test("a selector in an object asks for all its labels and expressions", () => {
	const selector = selectorOfObject({
		matchLabels: { app: "web" },
		matchExpressions: [
			{ key: "tier", operator: "In", values: ["a", "b"] },
			{ key: "draft", operator: "DoesNotExist" },
			{ key: "owner", operator: "Exists" },
			{ key: "zone", operator: "NotIn", values: ["x"] },
		],
	});
	const labels = { app: "web", tier: "a", owner: "jane" };
	expect(selector.matches(labels)).toBe(true);
	const changes: Record<string, string>[] = [{ app: "db" }, { tier: "c" }, { draft: "" }, { zone: "x" }];
	for (const change of changes) {
		expect(selector.matches({ ...labels, ...change })).toBe(false);
	}
	expect(selector.matches({ app: "web", tier: "a" })).toBe(false);
});

test("an empty selector in an object matches everything", () => {
	expect(selectorOfObject({}).matches(undefined)).toBe(true);
});
