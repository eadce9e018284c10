import { describe, expect, test } from "vitest";
import { ApiError } from "../api/status.ts";
import { ADMIN, identify, JOINER } from "./auth.ts";

const TOKENS = { KLAW_ADMIN_TOKEN: "admin-secret", KLAW_JOIN_TOKEN: "join-secret" };
const LINK = "/api/v1/nodes/local/link";

async function refusal(
	authorization: string | undefined,
	tokens: Parameters<typeof identify>[1] = TOKENS,
	path = "/apis",
): Promise<string> {
	try {
		await identify(authorization, tokens, path);
	} catch (error) {
		if (error instanceof ApiError && error.status.code === 401) return error.message;
		throw error;
	}
	throw new Error("was let in");
}

test("the admin token is the administrator, the join token a joiner", async () => {
	expect(await identify("Bearer admin-secret", TOKENS, "/apis")).toEqual(ADMIN);
	expect(await identify("bearer admin-secret", TOKENS, "/apis")).toEqual(ADMIN);
	expect(await identify("Bearer join-secret", TOKENS, LINK)).toEqual(JOINER);
});

describe("nobody else is let in", () => {
	test.each([undefined, "", "Bearer", "Bearer ", "Basic admin-secret", "admin-secret"])("%j bears no token", async (authorization) => {
		expect(await refusal(authorization)).toMatch(/^The request bears no token\. Send the header Authorization: Bearer TOKEN/);
	});

	test.each(["wrong", "admin-secre", "admin-secret2", "ADMIN-SECRET", "join-secret2", "undefined"])(
		"%s is no token of the deployment",
		async (token) => {
			expect(await refusal(`Bearer ${token}`)).toMatch(/^The request's token is not one of this deployment/);
		},
	);

	test("however many tokens are tried", async () => {
		for (let i = 0; i < 2_000; i++) expect(await refusal(`Bearer guess-${i}`)).toContain("not one of this deployment");
	});

	test("and what was sent is not repeated", async () => {
		expect(await refusal("Bearer s3cret-typo")).not.toContain("s3cret");
	});
});

test("a node that may not join is told which token it needs", async () => {
	for (const authorization of [undefined, "Bearer wrong"]) {
		expect(await refusal(authorization, TOKENS, LINK)).toContain("klaw node join URL --token TOKEN");
	}
});

test("a deployment without an admin token refuses everything and says how to set one", async () => {
	for (const authorization of [undefined, "Bearer ", "Bearer join-secret", "Bearer undefined"]) {
		expect(await refusal(authorization, { KLAW_JOIN_TOKEN: "join-secret" }, LINK)).toContain("wrangler secret put KLAW_ADMIN_TOKEN");
	}
});

test("without a join token nobody is a joiner", async () => {
	expect(await refusal("Bearer undefined", { KLAW_ADMIN_TOKEN: "admin-secret" }, LINK)).toContain("not one of this deployment");
});
