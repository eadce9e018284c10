import { describe, expect, test } from "vitest";
import { ApiError, type Status } from "../api/status.ts";
import { admit, checkName, checkNamespace } from "./admit.ts";
import { agentKind } from "./agent/kind.ts";
import type { KindDefinition } from "./kind.ts";
import { sessionKind } from "./session/kind.ts";
import { taskKind } from "./task/kind.ts";

const agent = (body: unknown, name?: string) => admit({ kind: agentKind, namespace: "default", name }, body);

async function refusal(body: unknown, kind: KindDefinition = agentKind, name?: string): Promise<Status> {
	const error = await admit({ kind, namespace: "default", name }, body).then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof ApiError)) throw new Error(`was not refused: ${error}`);
	return error.status;
}

describe("what is admitted", () => {
	test("comes with its defaults and its digest", async () => {
		const draft = await agent({ apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "coder" }, spec: { model: "offline/shell" } });
		expect(draft.spec).toMatchObject({ model: "offline/shell", limits: { iterations: 50, deadline: "1h" }, nodeSelector: {} });
		expect(draft.metadata).toMatchObject({ name: "coder" });
		expect(draft.digest).toMatch(/^[0-9a-f]{12}$/);
	});

	test("may be an object that klaw itself served", async () => {
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
		expect((await agent(served)).metadata).toMatchObject({ name: "coder", uid: "u", resourceVersion: "7" });
	});

	test("may leave out what the URL says", async () => {
		expect((await agent({ metadata: {} }, "coder")).metadata.name).toBe("coder");
	});

	test("may leave its name to the server", async () => {
		expect((await agent({ metadata: { generateName: "coder-" } })).metadata).toMatchObject({ generateName: "coder-" });
	});

	test("may have the nulls that kubectl writes", async () => {
		await expect(agent({ metadata: { name: "a", creationTimestamp: null, labels: null } })).resolves.toBeDefined();
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
			"an unknown field",
			{ metadata: { name: "a" }, spec: { modle: "x" } },
			"spec.modle",
			"FieldValueForbidden",
			'unknown field "spec.modle"',
		],
		[
			"an unknown field deep down",
			{ metadata: { name: "a" }, spec: { limits: { usd: 1 } } },
			"spec.limits.usd",
			"FieldValueForbidden",
			'unknown field "spec.limits.usd"',
		],
		["an unknown field at the top", { metadata: { name: "a" }, data: {} }, "data", "FieldValueForbidden", 'unknown field "data"'],
		[
			"an unknown field of the metadata",
			{ metadata: { name: "a", label: {} } },
			"metadata.label",
			"FieldValueForbidden",
			'unknown field "metadata.label"',
		],
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
			"an unknown tool",
			{ metadata: { name: "a" }, spec: { tools: ["bash", "bsh"] } },
			"spec.tools[1]",
			"FieldValueNotSupported",
			'Unsupported value: "bsh": supported values: "bash"',
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
			"Too long: 262145 bytes",
		],
		[
			"instructions that are too long",
			{ metadata: { name: "a" }, spec: { instructions: "x".repeat(262_145) } },
			"spec.instructions",
			"FieldValueTooLong",
			"Too long: 262145 characters, and at most 262144",
		],
	])("%s", async (_, body, field, reason, sentence) => {
		const status = await refusal(body);
		expect(status).toMatchObject({
			code: 422,
			reason: "Invalid",
			details: { group: "klaw.sh", kind: "Agent", causes: [{ field, reason }] },
		});
		expect(status.message).toContain(sentence);
		expect(status.message?.length).toBeLessThan(600);
	});

	test("and so is every other", async () => {
		const status = await refusal({ metadata: { name: "A" }, spec: { modle: 1, limits: { iterations: "x" } } });
		expect(status.details?.causes?.map(({ field }) => field).sort()).toEqual(["metadata.name", "spec.limits.iterations", "spec.modle"]);
		expect(status.message).toMatch(/^Agent\.klaw\.sh "A" is invalid: \[metadata\.name: .*, spec.*\]$/);
	});

	test("but ten thousand are not all spelled out", async () => {
		const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`bad key ${i}`, "v"]));
		const status = await refusal({ metadata: { name: "a", labels } });
		expect(status.details?.causes).toHaveLength(10_000);
		expect(status.message).toContain("and 9990 more");
	});
});

describe("the prompt of a task", () => {
	const task = (prompt: unknown) => refusal({ metadata: { name: "t" }, spec: { prompt } }, taskKind);

	test("over 1 MiB is refused with what to do instead, and not quoted", async () => {
		const status = await task("é".repeat(524_289));
		expect(status.details?.causes).toMatchObject([{ field: "spec.prompt", reason: "FieldValueTooLong" }]);
		expect(status.message).toContain("Too long: 1048578 bytes, and at most 1048576 are accepted. Put long text in a file of the workspace");
		expect(status.message?.length).toBeLessThan(400);
	});

	test("of exactly 1 MiB is accepted", async () => {
		await expect(
			admit({ kind: taskKind, namespace: "d" }, { metadata: { name: "t" }, spec: { prompt: "x".repeat(1_048_576) } }),
		).resolves.toBeDefined();
	});

	test.each([undefined, "", "  \n"])("may not be %j", async (prompt) => {
		expect((await task(prompt)).details?.causes).toMatchObject([{ field: "spec.prompt" }]);
	});
});

describe("what does not belong here is a 400 that says so", () => {
	test.each([
		["no object", "hello", 'The body is "hello", not an object. Send one Agent'],
		["a list", [], "The body is [], not an object"],
		["another kind", { kind: "Task", metadata: { name: "a" } }, `The object's kind is "Task", and this URL takes Agent`],
		["another version", { apiVersion: "v1", metadata: { name: "a" } }, `The object's apiVersion is "v1", and this URL takes klaw.sh/v1`],
		["another namespace", { metadata: { name: "a", namespace: "other" } }, `The object's namespace is "other", and the URL's is "default"`],
	])("%s", async (_, body, sentence) => {
		expect(await refusal(body)).toMatchObject({ code: 400, reason: "BadRequest", message: expect.stringContaining(sentence) });
	});

	test("another name than the URL's", async () => {
		const status = await refusal({ metadata: { name: "b" } }, agentKind, "a");
		expect(status).toMatchObject({ code: 400, message: expect.stringContaining("agents cannot be renamed") });
	});
});

test("names in URLs are checked by the rule of their kind", () => {
	expect(() => checkName(agentKind, "a.b")).not.toThrow();
	expect(() => checkName(sessionKind, "a.b")).toThrow(/^Session\.klaw\.sh "a\.b" is invalid/);
	expect(() => checkName(sessionKind, "../etc")).toThrow(/is invalid/);
	expect(() => checkNamespace("a/b")).toThrow(/^Namespace "a\/b" is invalid/);
});
