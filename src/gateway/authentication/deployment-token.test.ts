import { describe, expect, test } from "vitest";
import { ADMIN, bearerToken, type DeploymentTokens, deploymentCaller, unknownToken } from "./deployment-token.ts";

const TOKENS = { KLAW_ADMIN_TOKEN: "admin-secret" };

/** The way that a request goes whose token is none of a ServiceAccount. */
async function identify(authorization: string | undefined, tokens: DeploymentTokens = TOKENS) {
	const caller = deploymentCaller(bearerToken(authorization, tokens), tokens);
	if (!caller) throw unknownToken();
	return caller;
}

const refused = (message: string | RegExp) => ({
	status: expect.objectContaining({ code: 401, reason: "Unauthorized", message: expect.stringMatching(message) }),
});

test("the admin token is the administrator", async () => {
	expect(await identify("Bearer admin-secret")).toEqual(ADMIN);
	expect(await identify("bearer admin-secret")).toEqual(ADMIN);
});

describe("nobody else is let in", () => {
	test.each([undefined, "", "Bearer", "Bearer ", "Basic admin-secret", "admin-secret"])("%j bears no token", async (authorization) => {
		await expect(identify(authorization)).rejects.toMatchObject(
			refused(/^The request bears no token\. Send the header Authorization: Bearer TOKEN/),
		);
	});

	test.each(["wrong", "admin-secre", "admin-secret2", "ADMIN-SECRET", "undefined"])("%s is no token of the deployment", async (token) => {
		await expect(identify(`Bearer ${token}`)).rejects.toMatchObject(refused(/^The request's token is not one of this deployment/));
	});

	test("however many tokens are tried", async () => {
		for (let i = 0; i < 2_000; i++)
			await expect(identify(`Bearer guess-${i}`)).rejects.toMatchObject(refused("not one of this deployment"));
	});

	test("and what was sent is not repeated", async () => {
		await expect(identify("Bearer s3cret-typo")).rejects.not.toThrow("s3cret");
	});
});

test("a deployment without an admin token refuses everything and says how to set one", async () => {
	for (const authorization of [undefined, "Bearer ", "Bearer admin-secret", "Bearer undefined"]) {
		await expect(identify(authorization, {})).rejects.toThrow("wrangler secret put KLAW_ADMIN_TOKEN");
	}
});
