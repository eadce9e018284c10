import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { asUser, ensureNamespace, eventually, inNamespace, type Json, RBAC, request } from "../../test/fakes/api.ts";

const NS = "bad";
const KLAW = inNamespace(NS);
const CORE = `/api/v1/namespaces/${NS}`;
const AGENTS = `${KLAW}/agents`;
const MAPS = `${CORE}/configmaps`;
const MB = 1_048_576;

const KEPT = [
	...["agents", "agentrevisions", "crontasks", "sessions", "skills", "tasks"].map((plural) => `${KLAW}/${plural}`),
	...["configmaps", "secrets", "serviceaccounts", "resourcequotas"].map((plural) => `${CORE}/${plural}`),
	...["roles", "rolebindings"].map((plural) => `${RBAC}/namespaces/${NS}/${plural}`),
	`${RBAC}/clusterroles`,
	"/api/v1/namespaces",
];

/** Everything that a request of these tests could change, byte for byte. */
async function everything(): Promise<string[]> {
	return Promise.all(KEPT.map(async (path) => (await request("GET", path)).text));
}

let before: string[] = [];

beforeAll(async () => {
	await ensureNamespace(NS);
	const seed = async (path: string, body: object) => expect((await request("POST", path, body)).code).toBe(201);
	await seed(AGENTS, { metadata: { name: "a", labels: { team: "x" } }, spec: { model: "offline/shell", skills: ["s"] } });
	await seed(MAPS, { metadata: { name: "c" }, data: { a: "1" } });
	await seed(MAPS, { metadata: { name: "frozen" }, data: { a: "1" }, immutable: true });
	await seed(`${CORE}/secrets`, { metadata: { name: "s" }, stringData: { key: "value" } });
	await seed(`${KLAW}/sessions`, { metadata: { name: "idle" }, spec: { agent: "a" } });
	await seed(`${KLAW}/tasks`, { metadata: { name: "t" }, spec: { agent: "a", prompt: "hello" } });
	await seed(`${RBAC}/namespaces/${NS}/rolebindings`, {
		metadata: { name: "b" },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
		subjects: [],
	});
	await eventually(
		async () => (await request("GET", `${KLAW}/tasks/t`)).body.status.phase,
		(phase) => phase === "Succeeded",
	);
	await eventually(
		async () => (await request("GET", `${KLAW}/sessions/t`)).body.status.phase,
		(phase) => phase === "Idle",
	);
	before = await everything();
});

afterEach(async () => {
	expect(await everything()).toEqual(before);
});

interface Refusal {
	code: number;
	reason: string;
	/** Part of the message. */
	message: string;
	/** `reason field` of each cause, in order. */
	causes?: string[];
}

function expectRefusal({ code, body }: { code: number; body: Json }, refusal: Refusal): void {
	expect(body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code: refusal.code, reason: refusal.reason });
	expect(code).toBe(refusal.code);
	expect(body.message).toContain(refusal.message);
	if (refusal.causes) expect(body.details.causes.map(({ reason, field }: Json) => `${reason} ${field}`)).toEqual(refusal.causes);
}

const bad = (message: string): Refusal => ({ code: 400, reason: "BadRequest", message });
const invalid = (message: string, ...causes: string[]): Refusal => ({
	code: 422,
	reason: "Invalid",
	message,
	...(causes.length > 0 && { causes: causes.map((cause) => (cause.includes(" ") ? cause : `FieldValueInvalid ${cause}`)) }),
});
const conflict = (message: string): Refusal => ({ code: 409, reason: "Conflict", message });

const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";
const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const APPLY = "application/apply-patch+yaml";

const send = (method: string, path: string, type: string, body: unknown) => request(method, path, body, { "Content-Type": type });

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
		["a form", "application/x-www-form-urlencoded", "a=b", { code: 415, reason: "UnsupportedMediaType", message: "accepted media types include: application/json" }],
		["plain text", "text/plain", "{}", { code: 415, reason: "UnsupportedMediaType", message: "in an unknown format" }],
		["a patch that is to be created", MERGE_PATCH, "{}", { code: 415, reason: "UnsupportedMediaType", message: "in an unknown format" }],
		["protobuf that is none", "application/vnd.kubernetes.protobuf", "k8s\0nonsense", bad("")],
		["more than 3 MiB", JSON_TYPE, `{"metadata":{"name":"x"},"x":"${"x".repeat(3 * MB)}"}`, { code: 413, reason: "RequestEntityTooLarge", message: "3145728 bytes" }],
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
		["a ConfigMap over 1 MiB", MAPS, { data: { text: long(MB + 1) } }, invalid("may not be more than 1048576 bytes", "FieldValueTooLong []")],
		["a Secret over 1 MiB", `${CORE}/secrets`, { stringData: { text: long(MB + 1) } }, invalid("may not be more than 1048576 bytes", "FieldValueTooLong data")],
		["an Agent with instructions over 1 MiB", AGENTS, { spec: { instructions: long(MB + 1) } }, invalid("Too long", "FieldValueTooLong spec.instructions")],
		["a Skill over 1 MiB", `${KLAW}/skills`, { spec: { content: `---\nname: x\ndescription: x\n---\n${long(MB + 1)}` } }, invalid("Too long")],
		["a Task with a prompt over 1 MiB", `${KLAW}/tasks`, { spec: { prompt: long(MB + 1) } }, invalid("Too long", "FieldValueTooLong spec.prompt")],
		["a ConfigMap that JSON makes larger than 1.5 MiB", MAPS, { data: { text: '"'.repeat(MB) } }, { code: 413, reason: "RequestEntityTooLarge", message: "at most 1572864" }],
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
		expectRefusal(await request("POST", AGENTS, { metadata: {} }), invalid("name or generateName is required", "FieldValueRequired metadata.name"));
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
		["another kind in the body", "POST", AGENTS, { ...agent, kind: "Task" }, bad("the kind in the data (Task) does not match the expected kind (Agent)")],
		["another version in the body", "POST", AGENTS, { ...agent, apiVersion: "klaw.sh/v2" }, bad("the API version in the data (klaw.sh/v2) does not match the expected API version (klaw.sh/v1)")],
		["another namespace in the body", "POST", AGENTS, { ...agent, metadata: { name: "x", namespace: "other" } }, bad("the namespace of the provided object does not match the namespace sent on the request")],
		["another name in the body", "PUT", `${AGENTS}/a`, { ...agent, metadata: { name: "b" } }, bad("the name of the object (b) does not match the name on the URL (a)")],
		["a version for what is new", "POST", AGENTS, { ...agent, metadata: { name: "x", resourceVersion: "1" } }, bad("resourceVersion should not be set on objects to be created")],
		["a namespace that is not there", "POST", `${inNamespace("nowhere")}/agents`, agent, { ...nothing, message: 'namespaces "nowhere" not found' }],
		["an object that is there", "POST", AGENTS, { ...agent, metadata: { name: "a" } }, { code: 409, reason: "AlreadyExists", message: 'agents.klaw.sh "a" already exists' }],
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
		expectRefusal(await send("PATCH", `${AGENTS}/a?fieldValidation=Strict`, JSON_PATCH, [{ op: "add", path: "/spec/limits", value: { iteration: 3 } }]), named);
		expectRefusal(await request("PUT", `${AGENTS}/a?fieldValidation=Strict`, { metadata: {}, ...patch }), named);
		const config = { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "a" }, ...patch };
		expectRefusal(await send("PATCH", `${AGENTS}/a?fieldManager=x&fieldValidation=Strict`, APPLY, config), bad(""));
	});

	test("is passed over when it is to be", async () => {
		const { code, headers } = await request("POST", `${AGENTS}?dryRun=All&fieldValidation=Ignore`, body);
		expect({ code, warning: headers.get("Warning") }).toEqual({ code: 201, warning: null });
	});

	test("and a way of validation that nobody knows is refused", async () => {
		expectRefusal(await request("POST", `${AGENTS}?fieldValidation=Perhaps`, body), invalid("Unsupported value", "FieldValueNotSupported fieldValidation"));
	});

	test("is none of JavaScript's either", async () => {
		const text = '{"metadata":{"name":"x","__proto__":{"namespace":"other"}},"spec":{"__proto__":{"model":"evil/model"},"constructor":{"prototype":{}}}}';
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
		["a value with a space", { labels: { a: "b c" } }, invalid("a valid label must be an empty string or consist of alphanumeric characters", "metadata.labels")],
		["a key with two slashes", { labels: { "a/b/c": "d" } }, invalid("a qualified name must consist of", "metadata.labels")],
		["an empty key", { labels: { "": "d" } }, invalid("name part must be non-empty", "metadata.labels")],
		["ten thousand labels", { labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, "x"])) }, invalid("Too many: 10000 labels", "FieldValueTooLong metadata.labels")],
		["an annotation without a name", { annotations: { "a/": "b" } }, invalid("name part must be non-empty", "metadata.annotations")],
		["a finalizer without a domain", { finalizers: ["mine"] }, invalid("neither a standard finalizer name nor is it fully qualified", "metadata.finalizers")],
	] as const)("%s", async (_, metadata, refusal) => {
		expectRefusal(await request("POST", MAPS, { metadata: { name: "x", ...metadata } }), refusal);
		expectRefusal(await send("PATCH", `${MAPS}/c`, MERGE_PATCH, { metadata }), refusal);
	});

	test("and one of 63 characters is fine", async () => {
		expect((await request("POST", `${MAPS}?dryRun=All`, { metadata: { name: "x", labels: { a: "x".repeat(63) } } })).code).toBe(201);
	});
});

describe("what may not change", () => {
	const frozen = "field is immutable when `immutable` is set";
	test.each([
		["the prompt of a Task", `${KLAW}/tasks/t`, { spec: { prompt: "other" } }, invalid("field is immutable", "spec")],
		["the agent of a Session", `${KLAW}/sessions/idle`, { spec: { agent: "other" } }, invalid("field is immutable", "spec")],
		["the type of a Secret", `${CORE}/secrets/s`, { type: "other" }, invalid("field is immutable", "type")],
		["the role of a RoleBinding", `${RBAC}/namespaces/${NS}/rolebindings/b`, { roleRef: { name: "edit" } }, invalid("cannot change roleRef", "roleRef")],
		["an immutable ConfigMap", `${MAPS}/frozen`, { data: { a: "2" } }, invalid(frozen, "FieldValueForbidden data")],
		["that a ConfigMap is immutable", `${MAPS}/frozen`, { immutable: null }, invalid(frozen, "FieldValueForbidden immutable")],
		["a uid", `${MAPS}/c`, { metadata: { uid: "00000000-0000-4000-8000-000000000000" } }, conflict("Precondition failed: UID in precondition")],
		["a name", `${MAPS}/c`, { metadata: { name: "d" } }, bad("the name of the object (d) does not match the name on the URL (c)")],
		["a namespace", `${MAPS}/c`, { metadata: { namespace: "default" } }, bad("the namespace of the provided object does not match")],
	] as const)("%s", async (_, path, patch, refusal) => {
		expectRefusal(await send("PATCH", path, MERGE_PATCH, patch), refusal);
	});
});

describe("a version that is not the newest", () => {
	const stale = conflict("the object has been modified; please apply your changes to the latest version and try again");
	test("in an update and in each patch", async () => {
		const { body } = await request("GET", `${MAPS}/c`);
		const metadata = { ...body.metadata, resourceVersion: "1" };
		expectRefusal(await request("PUT", `${MAPS}/c`, { ...body, metadata, data: { a: "2" } }), stale);
		for (const type of [MERGE_PATCH, STRATEGIC]) {
			expectRefusal(await send("PATCH", `${MAPS}/c`, type, { metadata: { resourceVersion: "1" }, data: { a: "2" } }), stale);
		}
		const replace = { op: "replace", path: "/metadata/resourceVersion", value: "1" };
		expectRefusal(await send("PATCH", `${MAPS}/c`, JSON_PATCH, [replace, { op: "remove", path: "/data" }]), stale);
	});

	test.each([
		["uid", "00000000-0000-4000-8000-000000000000", "Precondition failed: UID in precondition"],
		["resourceVersion", "1", "Precondition failed: ResourceVersion in precondition: 1"],
	])("in the precondition %s of a deletion", async (field, value, message) => {
		expectRefusal(await request("DELETE", `${MAPS}/c`, { preconditions: { [field]: value } }), conflict(message));
	});
});

describe("a selection that makes no sense", () => {
	const labels = [
		["a==b==c", "found '==', expected: ',' or 'end of string'"],
		["a in (b", "unable to parse requirement"],
		["a b", "unable to parse requirement"],
		[",", "found ','"],
		["a>b", "for 'Gt', 'Lt' operators, the value must be an integer"],
		["a/b/c=d", "a qualified name must consist of"],
		[`a=${"x".repeat(64)}`, "must be no more than 63 characters"],
	] as const;
	const fields = [
		["spec.nonsense=x", 'field label not supported: spec.nonsense'],
		["metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
	] as const;

	test.each([...labels.map(([text, why]) => ["labelSelector", text, why] as const), ...fields.map(([text, why]) => ["fieldSelector", text, why] as const)])(
		"%s %s",
		async (option, text, why) => {
			const query = `${option}=${encodeURIComponent(text)}`;
			for (const path of [`${AGENTS}?${query}`, `/apis/klaw.sh/v1/agents?${query}`, `${AGENTS}?watch=true&${query}`]) {
				expectRefusal(await request("GET", path), bad(why));
			}
			expectRefusal(await request("DELETE", `${AGENTS}?${query}`), bad(why));
		},
	);
});

describe("a list or watch that cannot begin", () => {
	const future: Refusal = { code: 504, reason: "Timeout", message: "Too large resource version: 999999999, current: ", causes: ["ResourceVersionTooLarge "] };
	const tampered = btoa(JSON.stringify({ v: "klaw.sh/v1", rv: -1, start: "" })).replaceAll("=", "");
	test.each([
		["a bad continue token", "limit=1&continue=nonsense", bad("continue key is not valid")],
		["a continue token that was made up", `limit=1&continue=${tampered}`, bad("continue key is not valid")],
		["a bad limit", "limit=many", bad('strconv.ParseInt: parsing "many": invalid syntax')],
		["a bad version", "resourceVersion=abc", bad("Invalid value")],
		["a list from the future", "resourceVersion=999999999&resourceVersionMatch=NotOlderThan", future],
		["a watch from the future", "watch=true&resourceVersion=999999999", future],
		["a watch of no version", "watch=true&resourceVersion=abc", bad("Invalid value")],
		["initial events without a match", "watch=true&sendInitialEvents=true", invalid("sendInitialEvents requires", "FieldValueForbidden resourceVersionMatch")],
		["a bad time-out", "watch=true&timeoutSeconds=soon", bad("strconv.ParseInt")],
	] as const)("%s", async (_, query, refusal) => {
		expectRefusal(await request("GET", `${AGENTS}?${query}`), refusal);
	});
});

describe("a patch that does not apply", () => {
	const because = "the server rejected our request due to an error in our request";
	test.each([
		["a test that fails", JSON_PATCH, [{ op: "test", path: "/data/a", value: "2" }, { op: "remove", path: "/data/a" }], invalid(because)],
		["the removal of nothing", JSON_PATCH, [{ op: "remove", path: "/data/none" }], invalid(because)],
		["the replacement of nothing", JSON_PATCH, [{ op: "replace", path: "/data/none", value: "x" }], invalid(because)],
		["something below nothing", JSON_PATCH, [{ op: "add", path: "/none/below", value: "x" }], invalid(because)],
		["a prototype", JSON_PATCH, [{ op: "add", path: "/data/__proto__", value: { x: "y" } }], invalid(because)],
		["an unknown operation", JSON_PATCH, [{ op: "frob", path: "/data/a" }], bad("")],
		["no list of operations", JSON_PATCH, { op: "remove", path: "/data/a" }, bad("")],
		["a path without a slash", JSON_PATCH, [{ op: "remove", path: "data" }], bad("")],
		["malformed JSON of operations", JSON_PATCH, "[{", bad("The body is not valid JSON")],
		["a merge into what is no object", MERGE_PATCH, { data: "text" }, invalid("data")],
		["a merge of a list", MERGE_PATCH, [], bad("not an object")],
		["a malformed merge", MERGE_PATCH, "{", bad("The body is not valid JSON")],
		["a strategic merge of a list", STRATEGIC, [], bad("")],
		["an unknown directive", STRATEGIC, { data: { $patch: "frob" } }, bad("")],
		["no patch", MERGE_PATCH, "", bad("The request has no body")],
		["a patch of no known type", "application/frob+json", {}, { code: 415, reason: "UnsupportedMediaType", message: "accepted media types include" }],
	] as const)("%s", async (_, type, patch, refusal) => {
		expectRefusal(await send("PATCH", `${MAPS}/c`, type, patch), refusal);
	});

	const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "2" } };
	test.each([
		["without a manager", "", map, invalid("fieldManager: Required value", "FieldValueRequired fieldManager")],
		["of what others manage", "?fieldManager=other", map, conflict("Apply failed with 1 conflict: conflict with")],
		["with managed fields", "?fieldManager=o", { ...map, metadata: { name: "c", managedFields: [{ manager: "o" }] } }, bad("metadata.managedFields must be nil")],
		["of another kind", "?fieldManager=o&force=true", { ...map, kind: "Secret" }, bad("")],
		["of malformed YAML", "?fieldManager=o", "data: [", bad("The body is not valid YAML")],
		["by a manager without end", `?fieldManager=${"x".repeat(129)}`, map, invalid("fieldManager: Too long", "FieldValueTooLong fieldManager")],
	] as const)("an apply %s", async (_, query, config, refusal) => {
		expectRefusal(await send("PATCH", `${MAPS}/c${query}`, APPLY, config), refusal);
	});

	test("a forced patch that is no apply", async () => {
		expectRefusal(await send("PATCH", `${MAPS}/c?force=true`, MERGE_PATCH, {}), invalid("force", "FieldValueForbidden force"));
	});

	test("a patch of what is not there", async () => {
		for (const [type, patch] of [[JSON_PATCH, []], [MERGE_PATCH, {}], [STRATEGIC, {}]] as const) {
			expectRefusal(await send("PATCH", `${MAPS}/none`, type, patch), { code: 404, reason: "NotFound", message: 'configmaps "none" not found' });
		}
	});
});

describe("a write that is only tried", () => {
	test("changes nothing", async () => {
		expect((await request("POST", `${MAPS}?dryRun=All`, { metadata: { name: "x" } })).code).toBe(201);
		expect((await send("PATCH", `${MAPS}/c?dryRun=All`, MERGE_PATCH, { data: { a: "2" } })).body.data).toEqual({ a: "2" });
		expect((await request("DELETE", `${MAPS}/c?dryRun=All`)).code).toBe(200);
		expect((await request("DELETE", `${MAPS}?dryRun=All`)).code).toBe(200);
		expect((await request("DELETE", "/api/v1/namespaces/bad?dryRun=All")).code).toBe(200);
	});

	test("in no other way than all", async () => {
		expectRefusal(await request("POST", `${MAPS}?dryRun=Some`, { metadata: { name: "x" } }), invalid("Unsupported value", "FieldValueNotSupported dryRun"));
		expectRefusal(await request("DELETE", `${MAPS}/c`, { propagationPolicy: "Sideways" }), invalid("Unsupported value", "FieldValueNotSupported propagationPolicy"));
	});

	test("is refused as the write itself would be", async () => {
		expectRefusal(await request("POST", `${MAPS}?dryRun=All`, { metadata: { name: "x" } }, asUser("nobody")), {
			code: 403,
			reason: "Forbidden",
			message: 'configmaps is forbidden: User "nobody" cannot create resource "configmaps"',
		});
	});
});
