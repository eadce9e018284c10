import { env, exports } from "cloudflare:workers";
import { decodeJwt, decodeProtectedHeader, exportSPKI, importJWK, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { TokenOrder } from "../../durable-objects/cluster/ports.ts";
import { bindRole, ensureNamespace, inNamespace, type Json, request } from "../../test/fakes/api.ts";

const NS = "tokens";
const ACCOUNTS = `/api/v1/namespaces/${NS}/serviceaccounts`;
const AGENTS = `${inNamespace(NS)}/agents`;

beforeAll(async () => {
	await ensureNamespace(NS);
	await request("POST", ACCOUNTS, { metadata: { name: "editor" } });
	await bindRole(NS, "edit", "ServiceAccount/editor");
});

const cluster = (name = "default") => env.CLUSTER.getByName(name);

async function order(more: Partial<TokenOrder> = {}): Promise<TokenOrder> {
	const { uid } = (await request("GET", `${ACCOUNTS}/editor`)).body.metadata;
	return { namespace: NS, serviceAccount: { name: "editor", uid }, expirationSeconds: 600, ...more };
}

async function tokenOf(name: string, spec: object = {}): Promise<string> {
	await request("POST", ACCOUNTS, { metadata: { name } });
	const { code, body } = await request("POST", `${ACCOUNTS}/${name}/token`, { spec });
	if (code !== 201) throw new Error(JSON.stringify(body));
	return body.status.token;
}

/** A write with the token. Sent without the helper's own headers, which would name the administrator. */
async function write(token: string, path = AGENTS): Promise<{ code: number; challenge: string | null; text: string; body: Json }> {
	const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
	const response = await exports.default.fetch(`http://klaw${path}`, {
		method: "POST",
		headers,
		body: JSON.stringify({ metadata: { name: "written" } }),
	});
	const text = await response.text();
	return { code: response.status, challenge: response.headers.get("WWW-Authenticate"), text, body: JSON.parse(text) };
}

async function expectRefused(token: string, message: string | RegExp, path = AGENTS): Promise<void> {
	const { code, challenge, text, body } = await write(token, path);
	expect({ code, challenge, body }).toMatchObject({
		code: 401,
		challenge: 'Bearer realm="klaw"',
		body: { kind: "Status", status: "Failure", code: 401, reason: "Unauthorized", message: expect.stringMatching(message) },
	});
	for (const part of token.split(".")) if (part.length > 8) expect(text).not.toContain(part);
	expect((await request("GET", AGENTS)).body.items).toEqual([]);
}

const text64 = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

test("a good token writes", async () => {
	const { token } = await cluster().signToken(await order());
	expect((await write(token, `${AGENTS}?dryRun=All`)).code).toBe(201);
});

describe("a token is refused, and nothing is written,", () => {
	test("when it has expired", async () => {
		const { token } = await cluster().signToken(await order({ expirationSeconds: -1 }));
		await expectRefused(token, /^The token has expired/);
	});

	test("when its ServiceAccount is gone, also when another of its name is there", async () => {
		const token = await tokenOf("short");
		await request("DELETE", `${ACCOUNTS}/short`);
		await expectRefused(token, /is there no more/);
		await request("POST", ACCOUNTS, { metadata: { name: "short" } });
		await bindRole(NS, "edit", "ServiceAccount/short");
		await expectRefused(token, /is there no more/);
	});

	test("when the object that it is bound to is gone", async () => {
		await request("POST", `/api/v1/namespaces/${NS}/secrets`, { metadata: { name: "anchor" } });
		const token = await tokenOf("editor", { boundObjectRef: { kind: "Secret", apiVersion: "v1", name: "anchor" } });
		expect((await write(token, `${AGENTS}?dryRun=All`)).code).toBe(201);
		await request("DELETE", `/api/v1/namespaces/${NS}/secrets/anchor`);
		await expectRefused(token, /is there no more/);
	});

	test("when it is for another audience", async () => {
		await expectRefused(await tokenOf("editor", { audiences: ["vault"] }), /another audience/);
	});

	test("when it is of another cluster, or goes to one", async () => {
		await request("POST", "/apis/klaw.sh/v1/clusters", { metadata: { name: "far" } });
		const far = "/clusters/far";
		await request("POST", `${far}/api/v1/namespaces`, { metadata: { name: NS } });
		await request("POST", `${far}${ACCOUNTS}`, { metadata: { name: "editor" } });
		const theirs = (await request("POST", `${far}${ACCOUNTS}/editor/token`, { spec: {} })).body.status.token;
		await expectRefused(theirs, /another cluster/);
		await expectRefused(await tokenOf("editor"), /another cluster/, `${far}${AGENTS}`);
		// Not even when the other cluster's object has the very same uid: its key signs for it alone.
		const { token } = await cluster("far").signToken(await order());
		await expectRefused(token, /another cluster/);
	});

	test("when its algorithm is none, however that is written", async () => {
		const good = await tokenOf("editor");
		const [, payload = ""] = good.split(".");
		const { kid } = decodeProtectedHeader(good);
		for (const alg of ["none", "None", "NONE", "nOnE", ""]) await expectRefused(`${text64({ alg, kid })}.${payload}.`, /./);
		await expectRefused(`${text64({ kid })}.${payload}.`, /./);
	});

	test("when it is signed with HS256 and the public key as the secret", async () => {
		const good = await tokenOf("editor");
		const [key] = await cluster().jwks();
		if (!key) throw new Error("no key");
		const imported = await importJWK({ ...key, ext: true }, "ES256", { extractable: true });
		if (!(imported instanceof CryptoKey)) throw new Error("no public key");
		for (const secret of [JSON.stringify(key), key.x ?? "", await exportSPKI(imported)]) {
			const forged = await new SignJWT(decodeJwt(good))
				.setProtectedHeader({ alg: "HS256", kid: key.kid })
				.sign(new TextEncoder().encode(secret));
			await expectRefused(forged, /no other algorithm is accepted/);
		}
	});

	test("when it brings its own key", async () => {
		const good = await tokenOf("editor");
		const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
		if (!("privateKey" in pair)) throw new Error("no pair");
		const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
		const { kid } = decodeProtectedHeader(good);
		for (const header of [{ kid, jwk }, { kid: "mine", jwk }, { kid, jku: "https://evil.example/keys" }, {}]) {
			const forged = await new SignJWT(decodeJwt(good))
				.setProtectedHeader({ alg: "ES256", ...header } as { alg: string })
				.sign(pair.privateKey);
			await expectRefused(forged, /./);
		}
	});

	test("when a claim was changed", async () => {
		const good = await tokenOf("editor");
		const [header, , signature] = good.split(".");
		const claims = { ...decodeJwt(good), sub: "system:serviceaccount:kube-system:root", exp: 4_102_444_800 };
		await expectRefused(`${header}.${text64(claims)}.${signature}`, /signature is wrong/);
	});

	test.each(["", "x", "a.b.c", "..", "a.b", `${"x".repeat(9000)}.y.z`, "null", "Bearer", "test-admin-toke", "test-admin-tokenn"])(
		"when it is %.20j",
		async (token) => {
			await expectRefused(token, /./);
		},
	);
});

describe("a request for a token that makes no sense is refused", () => {
	test.each([
		["for less than ten minutes", { expirationSeconds: 599 }, 422, "spec.expirationSeconds"],
		["for ages", { expirationSeconds: 2 ** 33 }, 422, "spec.expirationSeconds"],
		["for no number of seconds", { expirationSeconds: "3600" }, 422, "spec.expirationSeconds"],
		["bound to what is not there", { boundObjectRef: { kind: "Secret", apiVersion: "v1", name: "none" } }, 404, 'secrets "none" not found'],
		[
			"bound to what it cannot be",
			{ boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "none" } },
			422,
			"spec.boundObjectRef.kind: Unsupported value",
		],
	])("%s", async (_, spec, code, message) => {
		expect(await request("POST", `${ACCOUNTS}/editor/token`, { spec })).toMatchObject({
			code,
			body: { message: expect.stringContaining(message) },
		});
	});

	test("of nobody", async () => {
		expect(await request("POST", `${ACCOUNTS}/nobody/token`, { spec: {} })).toMatchObject({
			code: 404,
			body: { message: 'serviceaccounts "nobody" not found' },
		});
	});
});
