import { expect, test } from "vitest";
import { request } from "../../test/fakes/api.ts";

const SECRETS = "/api/v1/namespaces/default/secrets";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const VALUE = btoa("correct horse");
const NOTED = `${JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { password: VALUE } })}\n`;
const JSON_PATCH = { "Content-Type": "application/json-patch+json" };

test("no patch brings a value of a Secret to light", async () => {
	const body = { metadata: { name: "s", annotations: { [LAST_APPLIED]: NOTED } }, data: { password: VALUE } };
	expect((await request("POST", SECRETS, body)).code).toBe(201);
	const noted = `/metadata/annotations/${LAST_APPLIED.replace("/", "~1")}`;
	const patched = await request(
		"PATCH",
		`${SECRETS}/s`,
		[
			{ op: "copy", from: noted, path: "/metadata/annotations/a" },
			{ op: "copy", from: "/data/password", path: "/metadata/annotations/b" },
		],
		JSON_PATCH,
	);
	expect(patched.code).toBe(200);
	expect(patched.body.metadata.annotations).toMatchObject({ a: expect.stringContaining('"password":""'), b: "" });
	expect(patched.text).not.toContain(VALUE);

	const asked = await request("PATCH", `${SECRETS}/s`, [{ op: "test", path: "/data/password", value: "x" }], JSON_PATCH);
	expect(asked).toMatchObject({ code: 422, body: { message: expect.stringContaining('the value is "", not "x"') } });
});
