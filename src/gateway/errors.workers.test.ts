import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { inNamespace, request } from "../../test/fakes/api.ts";

const A = `${inNamespace("errors")}/agents`;

describe("without a token", () => {
	const anonymous = (path: string, authorization?: string) =>
		exports.default.fetch(`http://klaw${path}`, { headers: authorization === undefined ? {} : { Authorization: authorization } });

	test("only health and version answer", async () => {
		expect(await (await anonymous("/healthz")).text()).toBe("ok");
		expect(await (await anonymous("/version")).json()).toEqual({
			major: "0",
			minor: "1",
			gitVersion: "v0.1.0",
			platform: "cloudflare/workers",
		});
	});

	test.each(["/", "/apis", A, "/api/v1/nodes", "/no/such/path"])("%s is a 401 that says what to send", async (path) => {
		for (const authorization of [undefined, "Bearer wrong-token"]) {
			const response = await anonymous(path, authorization);
			expect(response.status).toBe(401);
			expect(response.headers.get("WWW-Authenticate")).toBe('Bearer realm="klaw"');
			const text = await response.text();
			expect(JSON.parse(text)).toMatchObject({
				kind: "Status",
				reason: "Unauthorized",
				message: expect.stringContaining("Authorization: Bearer TOKEN"),
			});
			expect(text).not.toContain("wrong-token");
		}
	});

	test("the join token opens nothing but the link of nodes", async () => {
		const response = await anonymous("/api/v1/nodes", "Bearer test-join-token");
		expect(response.status).toBe(403);
		expect(await response.json()).toMatchObject({ reason: "Forbidden", message: expect.stringContaining("may only join nodes") });
	});
});

describe("a request that makes no sense is a Status", () => {
	test.each([
		["an unknown path", "GET", "/nowhere", 404, "NotFound", "could not find /nowhere"],
		["an unknown kind", "GET", `${inNamespace("errors")}/frobs`, 404, "NotFound", "serves no frobs in klaw.sh/v1"],
		["an unknown version", "GET", "/apis/klaw.sh/v2/namespaces/errors/agents", 404, "NotFound", "serves no agents in klaw.sh/v2"],
		["a kind of the cluster in a namespace", "GET", "/apis/core/v1/namespaces/errors/nodes", 404, "NotFound", "serves no nodes"],
		["a wrong method", "PATCH", `${A}/a`, 405, "MethodNotAllowed", "does not take PATCH. It takes GET"],
		["a wrong verb for the kind", "PUT", `${inNamespace("errors")}/tasks/t`, 405, "MethodNotAllowed", "tasks cannot be changed like this"],
		["a bad namespace", "GET", `${inNamespace("Up")}/agents`, 422, "Invalid", 'Namespace "Up" is invalid'],
		["a namespace with a slash", "GET", `${inNamespace("a%2Fb")}/agents`, 422, "Invalid", 'Namespace "a/b" is invalid'],
		["a name with a slash", "GET", `${A}/a%2Fb`, 422, "Invalid", 'Agent.klaw.sh "a/b" is invalid'],
		["a name that climbs", "GET", `${inNamespace("errors")}/sessions/..%2F..%2Fx/events`, 422, "Invalid", "is invalid"],
		[
			"a session's name of 64 characters",
			"GET",
			`${inNamespace("errors")}/sessions/${"x".repeat(64)}`,
			422,
			"Invalid",
			"must be no more than 63 characters",
		],
	])("%s", async (_, method, path, code, reason, sentence) => {
		const answer = await request(method, path);
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

	test("a wrong method says in Allow what is right", async () => {
		expect((await request("PATCH", `${A}/a`)).headers.get("Allow")).toBe("GET, HEAD, PUT, DELETE");
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
			"The body's media type is application/x-www-form-urlencoded. Send application/json",
		],
		[
			"a name with a slash",
			'{"metadata":{"name":"a/b"}}',
			"application/json",
			422,
			'metadata.name: Invalid value: "a/b": a lowercase RFC 1123 subdomain',
		],
		[
			"an unknown field",
			'{"metadata":{"name":"a"},"spec":{"modle":"x"}}',
			"application/json; charset=utf-8",
			422,
			'unknown field "spec.modle"',
		],
		["no object", "[1]", "application/json", 400, "The body is [1], not an object"],
	])("%s", async (_, body, type, code, sentence) => {
		const answer = await request("POST", A, body, { "Content-Type": type });
		expect(answer).toMatchObject({ code, body: { kind: "Status", code, message: expect.stringContaining(sentence) } });
		expect((await request("GET", A)).body.items).toEqual([]);
	});

	test("a wrong field is named in details.causes", async () => {
		const { body } = await request("POST", A, { metadata: { name: "a/b" }, spec: { limits: { iterations: 0 } } });
		expect(body.details.causes.map(({ field }: { field: string }) => field)).toEqual(["metadata.name", "spec.limits.iterations"]);
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
