import { describe, expect, it } from "vitest";
import { newNodeSecret } from "../../api/tokens/node-secret.ts";
import { joinTokenOf, requireCredential, unknownJoinToken } from "./node-token.ts";

const bytes = (length: number) => new Uint8Array(length).fill(7);
const TOKEN = newNodeSecret("klaw-join", bytes);
const CREDENTIAL = newNodeSecret("klaw-node", bytes);

describe("the join token of a request", () => {
	it("is what its Authorization bears", () => {
		expect(joinTokenOf(`Bearer ${TOKEN}`)).toBe(TOKEN);
		expect(joinTokenOf(`bearer  ${TOKEN} `)).toBe(TOKEN);
	});

	it.each([
		[undefined, "The request bears no join token."],
		["", "The request bears no join token."],
		["Basic YTpi", 'The request\'s Authorization is not "Bearer" and a join token.'],
		["Bearer ", "The join token is empty."],
		["Bearer my-secret", 'This is not a join token. A join token is "klaw-join-" and 43 more characters.'],
		[`Bearer ${TOKEN} ${TOKEN}`, "This is not a join token."],
		[`Bearer ${TOKEN.slice(0, -3)}`, 'The join token is damaged. A join token is "klaw-join-" and 43 more characters, and here are 40'],
		[`Bearer ${CREDENTIAL}`, "This is the credential of a node and not a join token."],
	])("that is not there is told of by what is wrong: %s", (authorization, message) => {
		expect(() => joinTokenOf(authorization)).toThrow(message);
		expect(() => joinTokenOf(authorization)).toThrow("Make a join token with klaw node token create");
	});

	it("is in no sentence about it, nor is anything else that was sent", () => {
		for (const [prefix, secret] of [
			["klaw-join-", "BwcHBwcHBwc"],
			["klaw-node-", CREDENTIAL.slice(10)],
			["", "my-secret"],
		])
			expect(() => joinTokenOf(`Bearer ${prefix}${secret}`)).toThrow(
				expect.objectContaining({ message: expect.not.stringContaining(secret ?? "") }),
			);
	});
});

it("a join token is no credential with which a node dials in", () => {
	expect(requireCredential(`Bearer ${CREDENTIAL}`)).toBeUndefined();
	expect(() => requireCredential(`Bearer ${TOKEN}`)).toThrow("A node dials in with a credential of its own");
});

it("a cluster that is not there says of a token what one that is there says of a token that it does not know", () => {
	expect(unknownJoinToken().message).toMatch(/^The join token is unknown here: .* Make a new one: klaw node token create$/);
});
