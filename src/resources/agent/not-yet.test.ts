import { expect, test } from "vitest";
import { notYet } from "./not-yet.ts";
import { agentSpecSchema } from "./schema.ts";

const said = (spec: object) => notYet(agentSpecSchema.parse(spec));

test("an agent that asks for nothing special is admitted without a word", () => {
	expect(said({ tools: ["bash"], approval: { default: "deny", tools: { read: "allow" } } })).toEqual([]);
});

test("what an agent says of its place is acted on, and needs no warning", () => {
	expect(said({ affinity: {}, tolerations: [{ operator: "Exists" }], priorityClassName: "high", isolation: "session" })).toEqual([]);
});

test.each([
	["spec.limits.tokens", { limits: { tokens: 5 } }],
	["spec.limits.usd", { limits: { usd: 0.5 } }],
	["spec.serviceAccountName", { serviceAccountName: "bot" }],
	["spec.skills", { skills: ["weather"] }],
])("%s is said not to be enforced", (field, spec) => {
	expect(said(spec)).toEqual([`${field} is kept and checked, and not enforced yet`]);
});

test("a tool that is to be asked about is said not to be offered", () => {
	expect(said({ approval: { tools: { bash: "ask" } } })).toEqual([expect.stringContaining("nobody can be asked yet")]);
});
