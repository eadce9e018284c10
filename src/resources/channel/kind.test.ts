import { expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { channelKind } from "./kind.ts";

const secretRef = { name: "keys" };

test.each([
	[{ type: "slack", slack: { secretRef, channels: ["C1"] } }],
	[{ type: "http" }],
	[{ type: "openai", openai: { models: [{ name: "gpt-4o", agent: "coder" }] } }],
	[{ type: "webhook", webhook: { secretRef, signature: "github" } }],
	[{ type: "cli", agent: "coder" }],
])("a channel may be %j", (spec) => {
	expect(admitted(channelKind, { spec }).spec).toEqual({ suspend: false, ...spec });
});

test.each([
	["no type", {}, /^spec\.type FieldValueRequired: /],
	[
		"an unknown type",
		{ type: "telegram" },
		'spec.type FieldValueNotSupported: Unsupported value: "telegram": supported values: "slack", "http", "openai", "webhook", "cli"',
	],
	["slack without slack", { type: "slack" }, "spec.slack FieldValueRequired: Required value: must be set when `type` is 'slack'"],
	["slack without keys", { type: "slack", slack: {} }, /^spec\.slack\.secretRef FieldValueRequired: /],
	[
		"what is another type's",
		{ type: "cli", webhook: { secretRef } },
		"spec.webhook FieldValueForbidden: Forbidden: may not be set when `type` is 'cli'",
	],
	[
		"an unknown signature",
		{ type: "webhook", webhook: { secretRef, signature: "md5" } },
		/^spec\.webhook\.signature FieldValueNotSupported: /,
	],
])("%s is refused", (_, spec, cause) => {
	const causes = causesIn(channelKind, { spec });
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test("columns", () => {
	expect(headings(channelKind)).toBe("NAME  TYPE  STATUS  AGE");
	expect(headings(channelKind, true)).toBe("NAME  TYPE  STATUS  AGE  AGENT");
	const channel = admitted(channelKind, { spec: { type: "http" } });
	expect(printed(channelKind, channel)).toBe("x  http  Pending  5m  <default>");
	expect(printed(channelKind, { ...channel, spec: { ...channel.spec, suspend: true } })).toBe("x  http  Suspended  5m  <default>");
	const conditions = [{ type: "Ready", status: "True" as const, reason: "", message: "" }];
	expect(printed(channelKind, { ...channel, status: { conditions } })).toBe("x  http  Ready  5m  <default>");
});
