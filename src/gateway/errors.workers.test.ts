import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureNamespace, inNamespace, request } from "../../test/fakes/api.ts";
import { joinAs, newJoinToken } from "../../test/fakes/raw-node.ts";

const A = `${inNamespace("errors")}/agents`;

beforeAll(() => ensureNamespace("errors"));

describe("without a token", () => {
	const anonymous = (path: string, authorization?: string) =>
		exports.default.fetch(`http://klaw${path}`, { headers: authorization === undefined ? {} : { Authorization: authorization } });

	test.each(["", "/clusters/default"])("only health and version answer, at %s/", async (prefix) => {
		for (const check of ["healthz", "livez", "readyz"]) expect(await (await anonymous(`${prefix}/${check}`)).text()).toBe("ok");
		expect(await (await anonymous(`${prefix}/readyz?verbose`)).text()).toBe("[+]ping ok\nreadyz check passed\n");
		expect(await (await anonymous(`${prefix}/version`)).json()).toMatchObject({
			major: "1",
			minor: "32",
			gitVersion: "v1.32.0+klaw.0.1.0",
			platform: "cloudflare/workers",
		});
	});

	test.each(["/", "/api", "/apis", "/openapi/v3", A, "/api/v1/nodes", "/no/such/path", "/clusters/nowhere/api"])(
		"%s is a 401 that says what to send",
		async (path) => {
			for (const authorization of [undefined, "Bearer wrong-token", "Bearer a.b.c"]) {
				const response = await anonymous(path, authorization);
				expect(response.status).toBe(401);
				expect(response.headers.get("WWW-Authenticate")).toBe('Bearer realm="klaw"');
				const text = await response.text();
				expect(JSON.parse(text)).toMatchObject({ kind: "Status", reason: "Unauthorized" });
				expect(text).not.toContain("wrong-token");
				expect(text).not.toContain("a.b.c");
			}
		},
	);

	test("what machines bear opens nothing of the API", async () => {
		const token = await newJoinToken();
		const { body } = await joinAs("bearer", token, { uid: "u" });
		for (const secret of [token, body.credential]) {
			const response = await anonymous("/api/v1/nodes", `Bearer ${secret}`);
			expect(response.status).toBe(401);
			expect(await response.json()).toMatchObject({ message: expect.stringContaining("not one of this deployment") });
		}
	});
});

const NO_RESOURCE = "the server could not find the requested resource";
const NO_METHOD = "the server does not allow this method on the requested resource";

describe("a request that makes no sense is a Status", () => {
	test.each([
		["an unknown path", "GET", "/nowhere", 404, "NotFound", NO_RESOURCE],
		["an unknown kind", "GET", `${inNamespace("errors")}/frobs`, 404, "NotFound", NO_RESOURCE],
		["an unknown version", "GET", "/apis/klaw.sh/v2/namespaces/errors/agents", 404, "NotFound", NO_RESOURCE],
		["a kind of the cluster in a namespace", "GET", "/api/v1/namespaces/errors/nodes", 404, "NotFound", NO_RESOURCE],
		["an object of a namespace in none", "GET", "/apis/klaw.sh/v1/agents/a", 404, "NotFound", NO_RESOURCE],
		["a path that goes on", "GET", `${A}/a/status/more`, 404, "NotFound", NO_RESOURCE],
		["a path that is no text", "GET", `${A}/%FF`, 404, "NotFound", NO_RESOURCE],
		["a cluster that is not there", "GET", "/clusters/nowhere/api", 404, "NotFound", 'clusters.klaw.sh "nowhere" not found'],
		["a cluster that could not be", "GET", "/clusters/NO_WHERE/api", 404, "NotFound", NO_RESOURCE],
		["a wrong method", "POST", `${A}/a`, 405, "MethodNotAllowed", NO_METHOD],
		["a wrong method of a subresource", "GET", `${inNamespace("errors")}/sessions/s/messages`, 405, "MethodNotAllowed", NO_METHOD],
		["a verb that the kind does not have", "POST", "/api/v1/nodes", 405, "MethodNotAllowed", NO_METHOD],
		["a bad namespace", "GET", `${inNamespace("Up")}/agents`, 422, "Invalid", 'Namespace "Up" is invalid'],
		["a namespace with a slash", "GET", `${inNamespace("a%2Fb")}/agents`, 422, "Invalid", 'Namespace "a/b" is invalid'],
		["a name with a slash", "GET", `${A}/a%2Fb`, 404, "NotFound", 'agents.klaw.sh "a/b" not found'],
		[
			"a name that climbs",
			"GET",
			`${inNamespace("errors")}/sessions/..%2F..%2Fx/events`,
			404,
			"NotFound",
			'sessions.klaw.sh "../../x" not found',
		],
	])("%s", async (_, method, path, code, reason, sentence) => {
		const answer = await request(method, path, method === "GET" ? undefined : {});
		expect(answer.code).toBe(code);
		expect(answer.body).toMatchObject({
			kind: "Status",
			apiVersion: "v1",
			status: "Failure",
			code,
			reason,
			message: expect.stringContaining(sentence),
		});
	});
});

describe("a body that makes no sense is refused", () => {
	test.each([
		["malformed JSON", "{", "application/json", 400, "The body is not valid JSON: "],
		["malformed YAML", "a: [1", "application/yaml", 400, "The body is not valid YAML: "],
		["two YAML documents", "a: 1\n---\nb: 2\n", "application/yaml", 400, "The body is not valid YAML: "],
		["no body", "", "application/json", 400, "The request has no body."],
		["nothing but spaces", "  ", "application/json", 400, "The body is not valid JSON: "],
		[
			"a form",
			"a=1",
			"application/x-www-form-urlencoded",
			415,
			"the body of the request was in an unknown format - accepted media types include: application/json, application/yaml",
		],
		[
			"a name with a slash",
			'{"metadata":{"name":"a/b"}}',
			"application/json",
			422,
			'metadata.name: Invalid value: "a/b": a lowercase RFC 1123 subdomain',
		],
		[
			"a field of the wrong type",
			'{"metadata":{"name":"a"},"spec":{"model":1}}',
			"application/json; charset=utf-8",
			422,
			"spec.model: Invalid value: 1",
		],
		["no object", "[1]", "application/json", 400, "The body is [1], not an object"],
	])("%s", async (_, body, type, code, sentence) => {
		const answer = await request("POST", A, body, { "Content-Type": type });
		expect(answer).toMatchObject({ code, body: { kind: "Status", code, message: expect.stringContaining(sentence) } });
		expect((await request("GET", A)).body.items).toEqual([]);
	});

	test("a wrong field is named in details.causes", async () => {
		const { body } = await request("POST", A, { metadata: { name: "a/b" }, spec: { limits: { iterations: 0 } } });
		expect(body.details.causes.map(({ field }: { field: string }) => field).sort()).toEqual(["metadata.name", "spec.limits.iterations"]);
	});

	test("a prompt of 5 MB is a 413 that says what to do", async () => {
		const answer = await request("POST", `${inNamespace("errors")}/tasks`, {
			metadata: { name: "t" },
			spec: { prompt: "x".repeat(5_000_000) },
		});
		expect(answer).toMatchObject({
			code: 413,
			body: {
				reason: "RequestEntityTooLarge",
				message: expect.stringContaining("Put long text in a file of the workspace, or have the agent fetch it."),
			},
		});
	});

	test("a prompt of 2 MB is a 422 that names the field and says what to do", async () => {
		const answer = await request("POST", `${inNamespace("errors")}/tasks`, {
			metadata: { name: "t" },
			spec: { prompt: "x".repeat(2_000_000) },
		});
		expect(answer).toMatchObject({ code: 422, body: { details: { causes: [{ field: "spec.prompt", reason: "FieldValueTooLong" }] } } });
		expect(answer.body.message).toContain("Put long text in a file");
	});
});
