import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { fillNamespace, inNamespace, type Json, RBAC, request } from "../../test/fakes/api.ts";
import { bad, expectRefusal, invalid, type Refusal } from "../../test/fakes/refusal.ts";

const NS = "bad";
const KLAW = inNamespace(NS);
const CORE = `/api/v1/namespaces/${NS}`;
const AGENTS = `${KLAW}/agents`;
const MAPS = `${CORE}/configmaps`;
const MB = 1_048_576;
const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";
const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const APPLY = "application/apply-patch+yaml";

const send = (method: string, path: string, type: string, body: unknown) => request(method, path, body, { "Content-Type": type });

let changed: () => Promise<string[]>;
beforeAll(async () => {
	changed = await fillNamespace(NS);
});
/** Whatever was wrong: nothing of it remains. */
afterEach(async () => expect(await changed()).toEqual([]));

describe("a body that is nothing", () => {
	const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
	test.each([
		["malformed JSON", JSON_TYPE, '{"metadata":', bad("The body is not valid JSON")],
		["malformed YAML", YAML_TYPE, "metadata: {name: [\n", bad("The body is not valid YAML")],
		["two YAML documents", YAML_TYPE, "metadata: {name: x}\n---\nmetadata: {name: y}\n", bad("The body is not valid YAML")],
		["YAML that unfolds without end", YAML_TYPE, "a: &a [*a, *a]\n", bad("")],
		["empty", JSON_TYPE, "", bad("The request has no body")],
		["empty YAML", YAML_TYPE, "\n", bad("not an object")],
		["null", JSON_TYPE, "null", bad("not an object")],
		["text", JSON_TYPE, '"agent"', bad("not an object")],
		["a list", JSON_TYPE, "[]", bad("not an object")],
		["no UTF-8", JSON_TYPE, new Uint8Array([0x22, 0xff, 0x22]), bad("not UTF-8")],
		["nested 100,000 levels deep", JSON_TYPE, deep(100_000), bad("")],
		["nested deeper than any kind", JSON_TYPE, `{"metadata":{"name":"x"},"spec":${deep(300)}}`, bad("json: exceeded max depth")],
		[
			"a form",
			"application/x-www-form-urlencoded",
			"a=b",
			{ code: 415, reason: "UnsupportedMediaType", message: "accepted media types include: application/json" },
		],
		["plain text", "text/plain", "{}", { code: 415, reason: "UnsupportedMediaType", message: "in an unknown format" }],
		["a patch that is to be created", MERGE_PATCH, "{}", { code: 415, reason: "UnsupportedMediaType", message: "in an unknown format" }],
		["protobuf that is none", "application/vnd.kubernetes.protobuf", "k8s\0nonsense", bad("")],
		[
			"more than 3 MiB",
			JSON_TYPE,
			`{"metadata":{"name":"x"},"x":"${"x".repeat(3 * MB)}"}`,
			{ code: 413, reason: "RequestEntityTooLarge", message: "3145728 bytes" },
		],
	] as const)("%s", async (_, type, body, refusal) => {
		const text = body instanceof Uint8Array ? body : String(body);
		const answer = text instanceof Uint8Array ? await sendBytes(AGENTS, type, text) : await send("POST", AGENTS, type, text);
		expectRefusal(answer, refusal);
	});

	async function sendBytes(path: string, type: string, bytes: Uint8Array) {
		const { exports } = await import("cloudflare:workers");
		const headers = { Authorization: "Bearer test-admin-token", "Content-Type": type };
		const response = await exports.default.fetch(`http://klaw${path}`, { method: "POST", headers, body: bytes });
		return { code: response.status, body: (await response.json()) as Json };
	}
});

describe("an object that is too large", () => {
	const long = (bytes: number) => "x".repeat(bytes);
	test.each([
		[
			"a ConfigMap over 1 MiB",
			MAPS,
			{ data: { text: long(MB + 1) } },
			invalid("may not be more than 1048576 bytes", "FieldValueTooLong []"),
		],
		[
			"a Secret over 1 MiB",
			`${CORE}/secrets`,
			{ stringData: { text: long(MB + 1) } },
			invalid("may not be more than 1048576 bytes", "FieldValueTooLong data"),
		],
		[
			"an Agent with instructions over 1 MiB",
			AGENTS,
			{ spec: { instructions: long(MB + 1) } },
			invalid("Too long", "FieldValueTooLong spec.instructions"),
		],
		[
			"a Skill over 1 MiB",
			`${KLAW}/skills`,
			{ spec: { content: `---\nname: x\ndescription: x\n---\n${long(MB + 1)}` } },
			invalid("Too long"),
		],
		[
			"a Task with a prompt over 1 MiB",
			`${KLAW}/tasks`,
			{ spec: { prompt: long(MB + 1) } },
			invalid("Too long", "FieldValueTooLong spec.prompt"),
		],
	] as const)("%s", async (_, path, content, refusal) => {
		expectRefusal(await request("POST", path, { metadata: { name: "x" }, ...content }), refusal);
	});

	test("because of its annotations", async () => {
		const annotations = { a: long(200_000), b: long(100_000) };
		expectRefusal(
			await request("POST", MAPS, { metadata: { name: "x", annotations } }),
			invalid("metadata.annotations: Too long: may not be more than 262144 bytes", "FieldValueTooLong metadata.annotations"),
		);
	});

	test("though none of its fields is", async () => {
		const owner = { apiVersion: "v1", kind: "ConfigMap", name: "x".repeat(250), uid: "00000000-0000-4000-8000-000000000000" };
		const metadata = { name: "x", annotations: { a: long(250_000) }, ownerReferences: Array(1000).fill(owner) };
		expectRefusal(await request("POST", MAPS, { metadata, data: { text: long(MB) } }), {
			code: 413,
			reason: "RequestEntityTooLarge",
			message: "at most 1572864 are stored",
		});
	});

	test("by a patch of an object that was not", async () => {
		expectRefusal(await send("PATCH", `${MAPS}/c`, MERGE_PATCH, { data: { b: long(MB) } }), invalid("may not be more than 1048576 bytes"));
	});
});

describe("a name that could not be", () => {
	const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
	const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'";
	test.each([
		["Upper", AGENTS, subdomain],
		["under_score", AGENTS, subdomain],
		["-dash", AGENTS, subdomain],
		["dot.", AGENTS, subdomain],
		["a b", AGENTS, subdomain],
		["ü", AGENTS, subdomain],
		["nul\0", AGENTS, subdomain],
		["line\n", AGENTS, subdomain],
		["../../etc", AGENTS, subdomain],
		["x".repeat(254), AGENTS, "must be no more than 253 characters"],
		["a.b", `${KLAW}/sessions`, label],
		["x".repeat(64), `${KLAW}/sessions`, "must be no more than 63 characters"],
		["Upper", "/api/v1/namespaces", label],
		["a/b", `${RBAC}/namespaces/${NS}/roles`, "may not contain '/'"],
		["..", `${RBAC}/namespaces/${NS}/roles`, "may not be '..'"],
	])("%j in %s", async (name, path, problem) => {
		const rest = path === AGENTS ? { spec: {} } : {};
		expectRefusal(await request("POST", path, { metadata: { name }, ...rest }), invalid(problem, "metadata.name"));
	});

	test("as a stem", async () => {
		expectRefusal(await request("POST", AGENTS, { metadata: { generateName: "Upper-" } }), invalid(subdomain, "metadata.generateName"));
		expectRefusal(
			await request("POST", AGENTS, { metadata: {} }),
			invalid("name or generateName is required", "FieldValueRequired metadata.name"),
		);
	});

	test("in the URL", async () => {
		const apply = { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "Upper" } };
		expectRefusal(await send("PATCH", `${AGENTS}/Upper?fieldManager=x`, APPLY, apply), invalid(subdomain));
		expectRefusal(await request("GET", `${AGENTS}/Upper`), { code: 404, reason: "NotFound", message: 'agents.klaw.sh "Upper" not found' });
	});
});

describe("a kind, version or place that is another", () => {
	const agent = { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "x" } };
	const nothing: Refusal = { code: 404, reason: "NotFound", message: "the server could not find the requested resource" };
	test.each([
		["an unknown kind in the URL", "POST", `${KLAW}/frobs`, agent, nothing],
		["an unknown version in the URL", "POST", `/apis/klaw.sh/v2/namespaces/${NS}/agents`, agent, nothing],
		["an unknown group in the URL", "POST", `/apis/nowhere.sh/v1/namespaces/${NS}/agents`, agent, nothing],
		[
			"another kind in the body",
			"POST",
			AGENTS,
			{ ...agent, kind: "Task" },
			bad("the kind in the data (Task) does not match the expected kind (Agent)"),
		],
		[
			"another version in the body",
			"POST",
			AGENTS,
			{ ...agent, apiVersion: "klaw.sh/v2" },
			bad("the API version in the data (klaw.sh/v2) does not match the expected API version (klaw.sh/v1)"),
		],
		[
			"another namespace in the body",
			"POST",
			AGENTS,
			{ ...agent, metadata: { name: "x", namespace: "other" } },
			bad("the namespace of the provided object does not match the namespace sent on the request"),
		],
		[
			"another name in the body",
			"PUT",
			`${AGENTS}/a`,
			{ ...agent, metadata: { name: "b" } },
			bad("the name of the object (b) does not match the name on the URL (a)"),
		],
		[
			"a version for what is new",
			"POST",
			AGENTS,
			{ ...agent, metadata: { name: "x", resourceVersion: "1" } },
			bad("resourceVersion should not be set on objects to be created"),
		],
		[
			"a namespace that is not there",
			"POST",
			`${inNamespace("nowhere")}/agents`,
			agent,
			{ ...nothing, message: 'namespaces "nowhere" not found' },
		],
		[
			"an object that is there",
			"POST",
			AGENTS,
			{ ...agent, metadata: { name: "a" } },
			{ code: 409, reason: "AlreadyExists", message: 'agents.klaw.sh "a" already exists' },
		],
		["an object that is not there", "PUT", `${AGENTS}/x`, agent, { ...nothing, message: 'agents.klaw.sh "x" not found' }],
	] as const)("%s", async (_, method, path, body, refusal) => {
		expectRefusal(await request(method, path, body), refusal);
	});
});

describe("a field that nobody knows", () => {
	const body = { metadata: { name: "x", nmae: "y" }, spec: { modle: "m", limits: { iteration: 3 } }, spce: {} };
	const fields = ["metadata.nmae", "spce", "spec.limits.iteration", "spec.modle"];

	test("is warned about", async () => {
		const { code, headers, body: made } = await request("POST", `${AGENTS}?dryRun=All&fieldValidation=Warn`, body);
		expect(code).toBe(201);
		const warnings = [...(headers.get("Warning") ?? "").matchAll(/unknown field \\"([^"\\]*)\\"/g)].map(([, field]) => field);
		expect(warnings.sort()).toEqual(fields);
		expect(made.spec.modle).toBeUndefined();
	});

	test("is refused with its path under strict validation, in each way of writing", async () => {
		const strict = await request("POST", `${AGENTS}?fieldValidation=Strict`, body);
		expectRefusal(strict, bad('Agent in version "v1" cannot be handled as a Agent: strict decoding error: '));
		for (const field of fields) expect(strict.body.message).toContain(`unknown field "${field}"`);
		const patch = { spec: { limits: { iteration: 3 } } };
		const named = bad('unknown field "spec.limits.iteration"');
		expectRefusal(await send("PATCH", `${AGENTS}/a?fieldValidation=Strict`, MERGE_PATCH, patch), named);
		expectRefusal(
			await send("PATCH", `${AGENTS}/a?fieldValidation=Strict`, JSON_PATCH, [{ op: "add", path: "/spec/limits", value: { iteration: 3 } }]),
			named,
		);
		expectRefusal(await request("PUT", `${AGENTS}/a?fieldValidation=Strict`, { metadata: {}, ...patch }), named);
		const config = { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "a" }, ...patch };
		expectRefusal(await send("PATCH", `${AGENTS}/a?fieldManager=x&fieldValidation=Strict`, APPLY, config), bad(""));
	});

	test("is passed over when it is to be", async () => {
		const { code, headers } = await request("POST", `${AGENTS}?dryRun=All&fieldValidation=Ignore`, body);
		expect({ code, warning: headers.get("Warning") }).toEqual({ code: 201, warning: null });
	});

	test("and a way of validation that nobody knows is refused", async () => {
		expectRefusal(
			await request("POST", `${AGENTS}?fieldValidation=Perhaps`, body),
			invalid("Unsupported value", "FieldValueNotSupported fieldValidation"),
		);
	});

	test("is none of JavaScript's either", async () => {
		const text =
			'{"metadata":{"name":"x","__proto__":{"namespace":"other"}},"spec":{"__proto__":{"model":"evil/model"},"constructor":{"prototype":{}}}}';
		const { code, body: made } = await request("POST", `${AGENTS}?dryRun=All`, text);
		expect(code).toBe(201);
		expect(made.spec.model).toBeUndefined();
		expect(JSON.stringify(made)).not.toContain("evil");
		expectRefusal(await request("POST", `${AGENTS}?dryRun=All&fieldValidation=Strict`, text), bad('unknown field "spec.__proto__"'));
		expect(Reflect.get({}, "model")).toBeUndefined();
	});
});

describe("a value that could not be", () => {
	test.each([
		["a number for text", { model: 1 }, "spec.model"],
		["text for a number", { limits: { iterations: "3" } }, "spec.limits.iterations"],
		["a number beyond every limit", { limits: { iterations: 1e308 } }, "spec.limits.iterations"],
		["a fraction of an iteration", { limits: { iterations: 1.5 } }, "spec.limits.iterations"],
		["less than nothing", { limits: { iterations: -1 } }, "spec.limits.iterations"],
		["no quantity", { resources: { requests: { cpu: "lots" } } }, "spec.resources.requests.cpu"],
		["text for a list", { skills: "a" }, "spec.skills"],
	])("%s", async (_, spec, field) => {
		const answer = await request("POST", AGENTS, { metadata: { name: "x" }, spec });
		expectRefusal(answer, invalid(field));
		expect(new Set(answer.body.details.causes.map((cause: Json) => cause.field))).toEqual(new Set([field]));
	});

	test("a number that no computer holds", async () => {
		const text = `{"metadata":{"name":"x"},"spec":{"limits":{"iterations":1${"0".repeat(400)}}}}`;
		expectRefusal(await request("POST", AGENTS, text), invalid("spec.limits.iterations"));
	});
});

describe("a label or annotation that could not be", () => {
	const bytes = "must be no more than 63 characters";
	test.each([
		["a value of 64 characters", { labels: { a: "x".repeat(64) } }, invalid(bytes, "metadata.labels")],
		["a key of 64 characters", { labels: { ["x".repeat(64)]: "a" } }, invalid(bytes, "metadata.labels")],
		[
			"a value with a space",
			{ labels: { a: "b c" } },
			invalid("a valid label must be an empty string or consist of alphanumeric characters", "metadata.labels"),
		],
		["a key with two slashes", { labels: { "a/b/c": "d" } }, invalid("a qualified name must consist of", "metadata.labels")],
		["an empty key", { labels: { "": "d" } }, invalid("name part must be non-empty", "metadata.labels")],
		[
			"ten thousand labels",
			{ labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, "x"])) },
			invalid("Too many: 10000 labels", "FieldValueTooLong metadata.labels"),
		],
		["an annotation without a name", { annotations: { "a/": "b" } }, invalid("name part must be non-empty", "metadata.annotations")],
		[
			"a finalizer without a domain",
			{ finalizers: ["mine"] },
			invalid("neither a standard finalizer name nor is it fully qualified", "metadata.finalizers"),
		],
	] as const)("%s", async (_, metadata, refusal) => {
		expectRefusal(await request("POST", MAPS, { metadata: { name: "x", ...metadata } }), refusal);
		expectRefusal(await send("PATCH", `${MAPS}/c`, MERGE_PATCH, { metadata }), refusal);
	});

	test("and one of 63 characters is fine", async () => {
		expect((await request("POST", `${MAPS}?dryRun=All`, { metadata: { name: "x", labels: { a: "x".repeat(63) } } })).code).toBe(201);
	});
});
