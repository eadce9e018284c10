import { expect, test } from "vitest";
import { admitted, causesIn, causesOfChange, headings, printed } from "../test-kind.ts";
import { agentRevisionKind } from "./kind.ts";

const spec = { agent: "coder", revision: 3, template: { model: "offline/shell" } };

test("a revision is an agent's spec with its number", () => {
	const revision = admitted(agentRevisionKind, { spec });
	expect(revision.spec).toMatchObject({ agent: "coder", revision: 3, template: { model: "offline/shell", limits: { iterations: 50 } } });
	expect(headings(agentRevisionKind)).toBe("NAME  AGENT  REVISION  AGE");
	expect(printed(agentRevisionKind, revision)).toBe("x  coder  3  5m");
});

test.each([
	["no number", { ...spec, revision: undefined }, /^spec\.revision FieldValueRequired: /],
	["number 0", { ...spec, revision: 0 }, /^spec\.revision FieldValueInvalid: /],
	["no agent", { ...spec, agent: undefined }, /^spec\.agent FieldValueRequired: /],
	["a template that is no agent's", { ...spec, template: { model: "x" } }, /^spec\.template\.model FieldValueInvalid: /],
])("%s is refused", (_, wrong, cause) => {
	expect(causesIn(agentRevisionKind, { spec: wrong })).toEqual([expect.stringMatching(cause)]);
});

test("a revision never changes, except in its labels", () => {
	const old = admitted(agentRevisionKind, { spec });
	const labelled = { ...old, metadata: { ...old.metadata, labels: { a: "b" } } };
	expect(causesOfChange(agentRevisionKind, old, labelled)).toEqual([]);
	const changed = causesOfChange(agentRevisionKind, old, { ...old, spec: { ...old.spec, revision: 4 } });
	expect(changed).toEqual([expect.stringMatching(/^spec FieldValueInvalid: Invalid value: .*: field is immutable$/)]);
});
