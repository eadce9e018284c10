import { describe, expect, test } from "vitest";
import { causesIn } from "../test-kind.ts";
import { placementReviewKind } from "./placement-review.ts";

const causes = (spec: object) => causesIn(placementReviewKind, { spec });

describe("a placement review", () => {
	test.each([
		["a session", { session: "x" }],
		["an agent by its name", { agentName: "coder" }],
		["an agent that need not exist", { agent: { nodeSelector: { zone: "a" } } }],
		["an agent that is to be another", { agentName: "coder", agent: {} }],
	])("may ask about %s", (_, spec) => {
		expect(causes(spec)).toEqual([]);
	});

	test("must ask about something", () => {
		expect(causes({})).toEqual([expect.stringMatching(/^spec\.session FieldValueRequired: Required value: name a session, or /)]);
	});

	test("cannot ask about a session of another agent", () => {
		expect(causes({ session: "x", agentName: "coder" })).toEqual([expect.stringMatching(/^spec\.session FieldValueInvalid: /)]);
	});

	test("says what is wrong with the agent", () => {
		expect(causes({ agent: { isolation: "none" } })).toEqual([
			expect.stringMatching(/^spec\.agent\.isolation FieldValueNotSupported: Unsupported value: "none"/),
		]);
	});
});
