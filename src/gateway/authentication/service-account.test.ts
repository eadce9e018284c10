import { beforeAll, describe, expect, test } from "vitest";
import { tokenClaims } from "../../api/tokens/claims.ts";
import { newSigningKey, type SigningKey, signToken } from "../../api/tokens/signing-key.ts";
import { ServiceAccountTokens, type TokenPorts } from "./service-account.ts";

const NOW = Date.UTC(2026, 0, 1);
const ACCOUNT = { name: "builder", uid: "u1" };
let key: SigningKey;
let later: SigningKey;

beforeAll(async () => {
	[key, later] = [await newSigningKey(), await newSigningKey()];
});

const token = (signing: SigningKey, more: Partial<Parameters<typeof tokenClaims>[0]> = {}) =>
	signToken(
		tokenClaims({ cluster: "lab", namespace: "a", serviceAccount: ACCOUNT, expirationSeconds: 600, now: NOW, id: "1", ...more }),
		signing,
	);

/** A cluster in memory, and what it was asked. */
function cluster(more: Partial<TokenPorts> = {}) {
	const asked: unknown[] = [];
	const ports: TokenPorts = {
		keys: async (name) => {
			asked.push(`keys of ${name}`);
			return [key.publicKey];
		},
		stands: async (account) => {
			asked.push(account);
			return true;
		},
		now: () => NOW,
		...more,
	};
	return { asked, ports };
}

test("a token is its ServiceAccount's, in all its groups", async () => {
	const { ports, asked } = cluster();
	expect(await new ServiceAccountTokens().caller("lab", await token(key), ports)).toEqual({
		user: "system:serviceaccount:a:builder",
		groups: ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"],
		uid: "u1",
	});
	expect(asked).toEqual(["keys of lab", { cluster: "lab", namespace: "a", ...ACCOUNT, bound: undefined }]);
});

test("what a token is bound to is looked after", async () => {
	const { ports, asked } = cluster();
	const boundTo = { kind: "Pod", name: "p", uid: "u2" } as const;
	await new ServiceAccountTokens().caller("lab", await token(key, { boundTo }), ports);
	expect(asked.at(-1)).toMatchObject({ bound: boundTo });
});

test("keys are asked for once, and again for a token of a key that is not among them", async () => {
	const tokens = new ServiceAccountTokens();
	const { ports, asked } = cluster();
	await tokens.caller("lab", await token(key), ports);
	await tokens.caller("lab", await token(key), ports);
	expect(asked.filter((what) => what === "keys of lab")).toHaveLength(1);
	const keys = async () => [later.publicKey, key.publicKey];
	expect(await tokens.caller("lab", await token(later), { ...ports, keys })).toMatchObject({ uid: "u1" });
});

describe("a token is refused", () => {
	const refused = (message: string, text: string, more: Partial<TokenPorts> = {}) =>
		expect(new ServiceAccountTokens().caller("lab", text, cluster(more).ports)).rejects.toMatchObject({
			status: { code: 401, message: expect.stringContaining(message) },
		});

	test("when its ServiceAccount is gone: deleting it revokes it at once", async () => {
		await refused("is there no more", await token(key), { stands: async () => false });
	});

	test("when it has expired", async () => {
		await refused("has expired", await token(key), { now: () => NOW + 700_000 });
	});

	test("when another cluster gave it out, though with the same key", async () => {
		await refused("another cluster", await token(key, { cluster: "default" }));
	});

	test("when nobody here has its key", async () => {
		await refused("a key that this cluster does not have", await token(later));
	});

	test("when it is signed with alg none, and nobody is asked whether the ServiceAccount stands", async () => {
		const [, payload] = (await token(key)).split(".");
		const header = Buffer.from(JSON.stringify({ alg: "none", kid: key.kid })).toString("base64url");
		const stands = async () => {
			throw new Error("was asked");
		};
		await refused("not signed with ES256", `${header}.${payload}.`, { stands });
	});

	test("when it is none", async () => {
		await refused("malformed", "a.b.c");
	});
});
