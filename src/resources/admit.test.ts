import { describe, expect, test } from "vitest";
import { ApiError, type Status } from "../api/status.ts";
import { admit, checkName, checkNamespace, checkSize, type Target } from "./admit.ts";
import { agentKind } from "./agent/kind.ts";
import type { KindDefinition } from "./kind.ts";
import { sessionKind } from "./session/kind.ts";
import { taskKind } from "./task/kind.ts";

type Validation = Target["fieldValidation"];

const agent = (body: unknown, name?: string, fieldValidation: Validation = "Strict") =>
	admit({ kind: agentKind, namespace: "default", name, fieldValidation }, body);

function refusal(body: unknown, kind: KindDefinition = agentKind, name?: string): Status {
	try {
		admit({ kind, namespace: "default", name, fieldValidation: "Strict" }, body);
	} catch (error) {
		if (error instanceof ApiError) return error.status;
		throw error;
	}
	throw new Error("was not refused");
}

describe("what is admitted", () => {
	test("comes with its defaults", () => {
		const draft = agent({ apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "coder" }, spec: { model: "offline/shell" } });
		expect(draft.fields.spec).toMatchObject({ model: "offline/shell", limits: { iterations: 50, deadline: "1h" }, nodeSelector: {} });
		expect(draft.metadata).toMatchObject({ name: "coder" });
	});

	test("may be an object that klaw itself served", () => {
		const served = {
			apiVersion: "klaw.sh/v1",
			kind: "Agent",
			metadata: {
				name: "coder",
				namespace: "default",
				uid: "u",
				resourceVersion: "7",
				generation: 2,
				creationTimestamp: "2026-11-22T08:00:00Z",
			},
			spec: {},
			status: { revision: "abc" },
		};
		expect(agent(served).metadata).toMatchObject({ name: "coder", uid: "u", resourceVersion: "7" });
	});

	test("may leave out what the URL says", () => {
		expect(agent({ metadata: {} }, "coder").metadata.name).toBe("coder");
	});

	test("may leave its name to the server", () => {
		expect(agent({ metadata: { generateName: "coder-" } }).metadata).toMatchObject({ generateName: "coder-" });
	});

	test("may have the nulls that kubectl writes", () => {
		expect(agent({ metadata: { name: "a", creationTimestamp: null, labels: null } }).metadata).toEqual({ name: "a" });
	});
});

describe("a wrong field is named", () => {
	test.each([
		[
			"a name with a slash",
			{ metadata: { name: "a/b" } },
			"metadata.name",
			"FieldValueInvalid",
			'Invalid value: "a/b": a lowercase RFC 1123 subdomain',
		],
		["no name at all", { metadata: {} }, "metadata.name", "FieldValueRequired", "name or generateName is required"],
		["an empty name", { metadata: { name: "" } }, "metadata.name", "FieldValueRequired", "name or generateName is required"],
		["a bad stem", { metadata: { generateName: "A_" } }, "metadata.generateName", "FieldValueInvalid", "a lowercase RFC 1123"],
		[
			"a wrong type",
			{ metadata: { name: "a" }, spec: { limits: { iterations: "5" } } },
			"spec.limits.iterations",
			"FieldValueTypeInvalid",
			'Invalid value: "5": must be a number',
		],
		[
			"a number out of range",
			{ metadata: { name: "a" }, spec: { limits: { iterations: 0 } } },
			"spec.limits.iterations",
			"FieldValueInvalid",
			"Invalid value: 0",
		],
		[
			"no duration",
			{ metadata: { name: "a" }, spec: { limits: { deadline: "soon" } } },
			"spec.limits.deadline",
			"FieldValueInvalid",
			"must be a duration such as 90s",
		],
		[
			"a model without a provider",
			{ metadata: { name: "a" }, spec: { model: "gpt" } },
			"spec.model",
			"FieldValueInvalid",
			"must be provider/model",
		],
		[
			"a label of 64 characters",
			{ metadata: { name: "a", labels: { k: "x".repeat(64) } } },
			"metadata.labels",
			"FieldValueInvalid",
			"must be no more than 63 characters",
		],
		[
			"a bad label key",
			{ metadata: { name: "a", labels: { "a b": "c" } } },
			"metadata.labels",
			"FieldValueInvalid",
			'Invalid value: "a b": name part must consist of',
		],
		[
			"annotations over 256 KiB",
			{ metadata: { name: "a", annotations: { k: "x".repeat(262_144) } } },
			"metadata.annotations",
			"FieldValueTooLong",
			"Too long: may not be more than 262144 bytes",
		],
		[
			"instructions that are too long",
			{ metadata: { name: "a" }, spec: { instructions: "x".repeat(262_145) } },
			"spec.instructions",
			"FieldValueTooLong",
			"Too long: 262145 characters, and at most 262144",
		],
	])("%s", (_, body, field, reason, sentence) => {
		const status = refusal(body);
		expect(status).toMatchObject({
			code: 422,
			reason: "Invalid",
			details: { group: "klaw.sh", kind: "Agent", causes: [{ field, reason }] },
		});
		expect(status.message).toContain(sentence);
		expect(status.message?.length).toBeLessThan(600);
	});

	test("and so is every other", () => {
		const status = refusal({ metadata: { name: "A" }, spec: { model: 1, limits: { iterations: "x" } } });
		expect(status.details?.causes?.map(({ field }) => field).sort()).toEqual(["metadata.name", "spec.limits.iterations", "spec.model"]);
		expect(status.message).toMatch(/^Agent\.klaw\.sh "A" is invalid: \[metadata\.name: .*, spec.*\]$/);
	});

	test("but ten thousand are not all spelled out", () => {
		const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`bad key ${i}`, "v"]));
		const status = refusal({ metadata: { name: "a", labels } });
		expect(status.details?.causes).toHaveLength(10_000);
		expect(status.message).toContain("and 9990 more");
	});
});

describe("an unknown field", () => {
	const unknown = { metadata: { name: "a", label: {} }, spec: { modle: "x", limits: { euros: 1 } }, data: {} };
	const paths = ["metadata.label", "spec.modle", "data", "spec.limits.euros"];

	test("is refused under Strict, with its path", () => {
		const status = refusal(unknown);
		expect(status).toMatchObject({ code: 400, reason: "BadRequest" });
		expect(status.message).toMatch(/^Agent in version "v1" cannot be handled as a Agent: strict decoding error: unknown field "/);
		for (const path of paths) expect(status.message).toContain(`unknown field "${path}"`);
	});

	test("is left out under Warn, with a warning each", () => {
		const draft = agent(unknown, undefined, "Warn");
		expect(draft.warnings.sort()).toEqual(paths.map((path) => `unknown field "${path}"`).sort());
		expect(draft.fields).not.toHaveProperty("data");
		expect(draft.fields.spec).not.toHaveProperty("modle");
	});

	test("is left out under Ignore, without a word", () => {
		expect(agent(unknown, undefined, "Ignore").warnings).toEqual([]);
	});
});

test("an object of more than 1.5 MiB is refused, and nothing of it is quoted", () => {
	const object = { metadata: { name: "a" }, data: "x".repeat(1_572_864) };
	expect(() => checkSize(agentKind, object)).toThrow(/^Agent "a" is \d+ bytes, and at most 1572864 are stored\./);
	expect(() => checkSize(agentKind, { metadata: { name: "a" } })).not.toThrow();
});

describe("the prompt of a task", () => {
	const task = (prompt: unknown) => refusal({ metadata: { name: "t" }, spec: { prompt } }, taskKind);

	test("over 1 MiB is refused with what to do instead, and not quoted", () => {
		const status = task("é".repeat(524_289));
		expect(status.details?.causes).toMatchObject([{ field: "spec.prompt", reason: "FieldValueTooLong" }]);
		expect(status.message).toContain("Too long: 1048578 bytes, and at most 1048576 are accepted. Put long text in a file of the workspace");
		expect(status.message?.length).toBeLessThan(400);
	});

	test("of exactly 1 MiB is accepted", () => {
		const target = { kind: taskKind, namespace: "d", fieldValidation: "Strict" as const };
		expect(() => admit(target, { metadata: { name: "t" }, spec: { prompt: "x".repeat(1_048_576) } })).not.toThrow();
	});

	test.each([undefined, "", "  \n"])("may not be %j", async (prompt) => {
		expect(task(prompt).details?.causes).toMatchObject([{ field: "spec.prompt" }]);
	});
});

describe("what does not belong here is a 400 that says so", () => {
	test.each([
		["no object", "hello", 'The body is "hello", not an object. Send one Agent'],
		["a list", [], "The body is [], not an object"],
		["another kind", { kind: "Task", metadata: { name: "a" } }, "the kind in the data (Task) does not match the expected kind (Agent)"],
		[
			"another version",
			{ apiVersion: "v1", metadata: { name: "a" } },
			"the API version in the data (v1) does not match the expected API version (klaw.sh/v1)",
		],
		[
			"another namespace",
			{ metadata: { name: "a", namespace: "other" } },
			"the namespace of the provided object does not match the namespace sent on the request",
		],
	])("%s", (_, body, sentence) => {
		expect(refusal(body)).toMatchObject({ code: 400, reason: "BadRequest", message: expect.stringContaining(sentence) });
	});

	test("another name than the URL's", () => {
		const status = refusal({ metadata: { name: "b" } }, agentKind, "a");
		expect(status).toMatchObject({
			code: 400,
			message: expect.stringContaining("the name of the object (b) does not match the name on the URL (a)"),
		});
	});
});

test("names in URLs are checked by the rule of their kind", () => {
	expect(() => checkName(agentKind, "a.b")).not.toThrow();
	expect(() => checkName(sessionKind, "a.b")).toThrow(/^Session\.klaw\.sh "a\.b" is invalid/);
	expect(() => checkName(sessionKind, "../etc")).toThrow(/is invalid/);
	expect(() => checkNamespace("a/b")).toThrow(/^Namespace "a\/b" is invalid/);
});
