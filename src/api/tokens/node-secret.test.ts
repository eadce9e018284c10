import { expect, it } from "vitest";
import { isNodeSecret, isSameHash, newNodeSecret, nodeSecretHash } from "./node-secret.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

it("a secret of a machine has 256 random bits and says what it is", () => {
	const asked: number[] = [];
	const secret = newNodeSecret("klaw-join", (length) => {
		asked.push(length);
		return new Uint8Array(length).fill(255);
	});
	expect(asked).toEqual([32]);
	expect(secret).toBe(`klaw-join-${"_".repeat(42)}8`);
	expect(newNodeSecret("klaw-join", random)).not.toBe(newNodeSecret("klaw-join", random));
});

it("what could not be one is known by its form", () => {
	const secret = newNodeSecret("klaw-node", random);
	expect(isNodeSecret("klaw-node", secret)).toBe(true);
	for (const text of ["", "klaw-node-", `${secret}=`, secret.slice(1), secret.slice(0, -1), secret.replace("klaw-node", "klaw-join")]) {
		expect([text, isNodeSecret("klaw-node", text)]).toEqual([text, false]);
	}
});

it("hashes are the same when all of them is", () => {
	const hash = nodeSecretHash("a");
	expect(hash).toMatch(/^[0-9a-f]{64}$/);
	expect([
		isSameHash(hash, hash),
		isSameHash(hash, nodeSecretHash("b")),
		isSameHash(hash, hash.slice(0, -1)),
		isSameHash(hash, ""),
	]).toEqual([true, ...[false, false, false]]);
});
