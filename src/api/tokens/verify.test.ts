import { SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { ApiError } from "../status.ts";
import { callerOf, issuerOf, type TokenClaims, tokenClaims } from "./claims.ts";
import { newSigningKey, type SigningKey, signToken } from "./signing-key.ts";
import { verifyToken } from "./verify.ts";

const NOW = Date.parse("2026-11-22T08:00:00Z");
const expected = { issuer: issuerOf("default"), audience: issuerOf("default"), now: NOW };

let key: SigningKey;
let other: SigningKey;
beforeAll(async () => {
	[key, other] = await Promise.all([newSigningKey(), newSigningKey()]);
});

function claims(change: Partial<TokenClaims> = {}): TokenClaims {
	const request = {
		cluster: "default",
		namespace: "a",
		serviceAccount: { name: "bot", uid: "u-1" },
		expirationSeconds: 3600,
		now: NOW,
		id: "id-1",
	};
	return { ...tokenClaims(request), ...change };
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What the token is refused with; it must not quote the token. */
async function refusal(token: string, { now = NOW, keys = [key.publicKey, other.publicKey] } = {}): Promise<string> {
	try {
		await verifyToken(token, keys, { ...expected, now });
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		for (const part of token.split(".")) if (part !== "") expect(error.status.message).not.toContain(part);
		return `${error.status.code} ${error.status.message}`;
	}
	return "accepted";
}

test("a token says who bears it", async () => {
	const verified = await verifyToken(await signToken(claims(), key), [other.publicKey, key.publicKey], expected);
	expect(verified).toEqual({
		iss: "klaw:cluster:default",
		sub: "system:serviceaccount:a:bot",
		aud: ["klaw:cluster:default"],
		exp: NOW / 1000 + 3600,
		iat: NOW / 1000,
		nbf: NOW / 1000,
		jti: "id-1",
		"kubernetes.io": { namespace: "a", serviceaccount: { name: "bot", uid: "u-1" } },
	});
	expect(callerOf(verified)).toEqual({
		user: "system:serviceaccount:a:bot",
		groups: ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"],
		uid: "u-1",
	});
});

test("a token may be bound to an object and be for other audiences", () => {
	const request = { cluster: "c", namespace: "a", serviceAccount: { name: "bot", uid: "u" }, expirationSeconds: 600, now: NOW, id: "i" };
	const bound = tokenClaims({ ...request, audiences: ["vault"], boundTo: { kind: "Secret", name: "s", uid: "u-2" } });
	expect(bound.aud).toEqual(["vault"]);
	expect(bound["kubernetes.io"].secret).toEqual({ name: "s", uid: "u-2" });
});

test("a public key has nothing private", async () => {
	expect(Object.keys(key.publicKey).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
});

describe("a token is refused, and the refusal says why, when it", () => {
	test("has expired, to the second", async () => {
		const token = await signToken(claims(), key);
		expect(await refusal(token, { now: NOW + 3_599_000 })).toBe("accepted");
		expect(await refusal(token, { now: NOW + 3_600_000 })).toMatch(/^401 The token has expired\./);
	});

	test("is not valid yet", async () => {
		expect(await refusal(await signToken(claims(), key), { now: NOW - 1000 })).toBe("401 The token is not valid yet.");
	});

	test("is of another cluster", async () => {
		const foreign = claims({ iss: issuerOf("other"), aud: [issuerOf("other")] });
		expect(await refusal(await signToken(foreign, key))).toBe("401 The token was issued by another cluster, or not by klaw.");
	});

	test("is for another audience", async () => {
		expect(await refusal(await signToken(claims({ aud: ["vault"] }), key))).toMatch(/for another audience/);
	});

	test("was signed with a key that the cluster does not have", async () => {
		expect(await refusal(await signToken(claims(), other), { keys: [key.publicKey] })).toMatch(
			/with a key that this cluster does not have/,
		);
	});

	test("was signed with one key in the name of another", async () => {
		expect(await refusal(await signToken(claims(), { ...other, kid: key.kid }))).toBe("401 The token's signature is wrong.");
	});

	test("was changed", async () => {
		const [header, , signature] = (await signToken(claims(), key)).split(".");
		const forged = `${header}.${base64url(claims({ sub: "system:serviceaccount:b:root" }))}.${signature}`;
		expect(await refusal(forged)).toBe("401 The token's signature is wrong.");
	});

	test("has alg none", async () => {
		const header = base64url({ alg: "none", kid: key.kid });
		expect(await refusal(`${header}.${base64url(claims())}.`)).toMatch(/^401 The token is not signed with ES256/);
	});

	test("is signed by HS256 with the public key", async () => {
		const secret = new TextEncoder().encode(JSON.stringify(key.publicKey));
		const token = await new SignJWT({ ...claims() }).setProtectedHeader({ alg: "HS256", kid: key.kid }).sign(secret);
		expect(await refusal(token)).toMatch(/^401 The token is not signed with ES256/);
	});

	test("brings its own key", async () => {
		const header = base64url({ alg: "ES256", kid: other.kid, jwk: other.publicKey });
		const [, payload, signature] = (await signToken(claims(), other)).split(".");
		expect(await refusal(`${header}.${payload}.${signature}`, { keys: [key.publicKey] })).toMatch(/this cluster does not have/);
	});

	test("is no token of a ServiceAccount", async () => {
		const token = await new SignJWT({ iss: expected.issuer, aud: expected.audience, sub: "x", exp: NOW / 1000 + 9, nbf: NOW / 1000 - 9 })
			.setProtectedHeader({ alg: "ES256", kid: key.kid })
			.sign(await crypto.subtle.importKey("jwk", key.privateKey as JsonWebKey, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]));
		expect(await refusal(token)).toBe("401 The token is malformed: it is no token of a ServiceAccount.");
	});

	test.each(["x", "x1.x2.x3", "..", "x1.x2.x3.x4.x5", "é.é.é", "AAAA.e30.", ".e30.AAAA"])("is garbage: %s", async (token) => {
		expect(await refusal(token)).toBe("401 The token is malformed: it is no signed JWT.");
	});
});
