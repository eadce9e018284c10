import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { asUser, fillNamespace, inNamespace, RBAC, request } from "../../test/fakes/api.ts";
import { bad, conflict, expectRefusal, invalid, type Refusal } from "../../test/fakes/refusal.ts";

const NS = "refused";
const KLAW = inNamespace(NS);
const CORE = `/api/v1/namespaces/${NS}`;
const AGENTS = `${KLAW}/agents`;
const MAPS = `${CORE}/configmaps`;
const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const APPLY = "application/apply-patch+yaml";

const send = (method: string, path: string, type: string, body: unknown) => request(method, path, body, { "Content-Type": type });

let changed: () => Promise<string[]>;
beforeAll(async () => {
	changed = await fillNamespace(NS);
});
/** Whatever was wrong: nothing of it remains. */
afterEach(async () => expect(await changed()).toEqual([]));

describe("what may not change", () => {
	const frozen = "field is immutable when `immutable` is set";
	test.each([
		["the prompt of a Task", `${KLAW}/tasks/t`, { spec: { prompt: "other" } }, invalid("field is immutable", "spec")],
		["the agent of a Session", `${KLAW}/sessions/idle`, { spec: { agent: "other" } }, invalid("field is immutable", "spec")],
		["the type of a Secret", `${CORE}/secrets/s`, { type: "other" }, invalid("field is immutable", "type")],
		[
			"the role of a RoleBinding",
			`${RBAC}/namespaces/${NS}/rolebindings/b`,
			{ roleRef: { name: "edit" } },
			invalid("cannot change roleRef", "roleRef"),
		],
		["an immutable ConfigMap", `${MAPS}/frozen`, { data: { a: "2" } }, invalid(frozen, "FieldValueForbidden data")],
		["that a ConfigMap is immutable", `${MAPS}/frozen`, { immutable: null }, invalid(frozen, "FieldValueForbidden immutable")],
		[
			"a uid",
			`${MAPS}/c`,
			{ metadata: { uid: "00000000-0000-4000-8000-000000000000" } },
			conflict("Precondition failed: UID in precondition"),
		],
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
		["spec.nonsense=x", "field label not supported: spec.nonsense"],
		["metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
	] as const;

	test.each([
		...labels.map(([text, why]) => ["labelSelector", text, why] as const),
		...fields.map(([text, why]) => ["fieldSelector", text, why] as const),
	])("%s %s", async (option, text, why) => {
		const query = `${option}=${encodeURIComponent(text)}`;
		for (const path of [`${AGENTS}?${query}`, `/apis/klaw.sh/v1/agents?${query}`, `${AGENTS}?watch=true&${query}`]) {
			expectRefusal(await request("GET", path), bad(why));
		}
		expectRefusal(await request("DELETE", `${AGENTS}?${query}`), bad(why));
	});
});

describe("a list or watch that cannot begin", () => {
	const future: Refusal = {
		code: 504,
		reason: "Timeout",
		message: "Too large resource version: 999999999999999, current: ",
		causes: ["ResourceVersionTooLarge "],
	};
	const tampered = btoa(JSON.stringify({ v: "klaw.sh/v1", rv: -1, start: "" })).replaceAll("=", "");
	test.each([
		["a bad continue token", "limit=1&continue=nonsense", bad("continue key is not valid")],
		["a continue token that was made up", `limit=1&continue=${tampered}`, bad("continue key is not valid")],
		["a bad limit", "limit=many", bad('strconv.ParseInt: parsing "many": invalid syntax')],
		["a bad version", "resourceVersion=abc", bad("Invalid value")],
		["a list from the future", "resourceVersion=999999999999999&resourceVersionMatch=NotOlderThan", future],
		["a watch from the future", "watch=true&resourceVersion=999999999999999", future],
		["a watch of no version", "watch=true&resourceVersion=abc", bad("Invalid value")],
		[
			"initial events without a match",
			"watch=true&sendInitialEvents=true",
			invalid("sendInitialEvents requires", "FieldValueForbidden resourceVersionMatch"),
		],
		["a bad time-out", "watch=true&timeoutSeconds=soon", bad("strconv.ParseInt")],
	] as const)("%s", async (_, query, refusal) => {
		expectRefusal(await request("GET", `${AGENTS}?${query}`), refusal);
	});
});

describe("a patch that does not apply", () => {
	const because = "the server rejected our request due to an error in our request";
	test.each([
		[
			"a test that fails",
			JSON_PATCH,
			[
				{ op: "test", path: "/data/a", value: "2" },
				{ op: "remove", path: "/data/a" },
			],
			invalid(because),
		],
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
		[
			"a patch of no known type",
			"application/frob+json",
			{},
			{ code: 415, reason: "UnsupportedMediaType", message: "accepted media types include" },
		],
	] as const)("%s", async (_, type, patch, refusal) => {
		expectRefusal(await send("PATCH", `${MAPS}/c`, type, patch), refusal);
	});

	const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "2" } };
	test.each([
		["without a manager", "", map, invalid("fieldManager: Required value", "FieldValueRequired fieldManager")],
		["of what others manage", "?fieldManager=other", map, conflict("Apply failed with 1 conflict: conflict with")],
		[
			"with managed fields",
			"?fieldManager=o",
			{ ...map, metadata: { name: "c", managedFields: [{ manager: "o" }] } },
			bad("metadata.managedFields must be nil"),
		],
		["of another kind", "?fieldManager=o&force=true", { ...map, kind: "Secret" }, bad("")],
		["of malformed YAML", "?fieldManager=o", "data: [", bad("The body is not valid YAML")],
		[
			"by a manager without end",
			`?fieldManager=${"x".repeat(129)}`,
			map,
			invalid("fieldManager: Too long", "FieldValueTooLong fieldManager"),
		],
	] as const)("an apply %s", async (_, query, config, refusal) => {
		expectRefusal(await send("PATCH", `${MAPS}/c${query}`, APPLY, config), refusal);
	});

	test("a forced patch that is no apply", async () => {
		expectRefusal(await send("PATCH", `${MAPS}/c?force=true`, MERGE_PATCH, {}), invalid("force", "FieldValueForbidden force"));
	});

	test("a patch of what is not there", async () => {
		for (const [type, patch] of [
			[JSON_PATCH, []],
			[MERGE_PATCH, {}],
			[STRATEGIC, {}],
		] as const) {
			expectRefusal(await send("PATCH", `${MAPS}/none`, type, patch), {
				code: 404,
				reason: "NotFound",
				message: 'configmaps "none" not found',
			});
		}
	});
});

describe("a write that is only tried", () => {
	test("changes nothing", async () => {
		expect((await request("POST", `${MAPS}?dryRun=All`, { metadata: { name: "x" } })).code).toBe(201);
		expect((await send("PATCH", `${MAPS}/c?dryRun=All`, MERGE_PATCH, { data: { a: "2" } })).body.data).toEqual({ a: "2" });
		expect((await request("DELETE", `${MAPS}/c?dryRun=All`)).code).toBe(200);
		expect((await request("DELETE", `${MAPS}?dryRun=All`)).code).toBe(200);
		expect((await request("DELETE", `/api/v1/namespaces/${NS}?dryRun=All`)).code).toBe(200);
	});

	test("in no other way than all", async () => {
		expectRefusal(
			await request("POST", `${MAPS}?dryRun=Some`, { metadata: { name: "x" } }),
			invalid("Unsupported value", "FieldValueNotSupported dryRun"),
		);
		expectRefusal(
			await request("DELETE", `${MAPS}/c`, { propagationPolicy: "Sideways" }),
			invalid("Unsupported value", "FieldValueNotSupported propagationPolicy"),
		);
	});

	test("is refused as the write itself would be", async () => {
		expectRefusal(await request("POST", `${MAPS}?dryRun=All`, { metadata: { name: "x" } }, asUser("nobody")), {
			code: 403,
			reason: "Forbidden",
			message: 'configmaps is forbidden: User "nobody" cannot create resource "configmaps"',
		});
	});
});
