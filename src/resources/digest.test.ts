import { expect, test } from "vitest";
import { canonicalJson, specDigest } from "./digest.ts";

test("equal specs have equal digests, whatever the order of their keys", async () => {
	const a = await specDigest({ model: "a/b", limits: { iterations: 1, deadline: "1h" }, tools: undefined });
	const b = await specDigest({ limits: { deadline: "1h", iterations: 1 }, model: "a/b" });
	expect(a).toBe(b);
	expect(a).toMatch(/^[0-9a-f]{12}$/);
});

test("the order of a list counts", async () => {
	expect(await specDigest({ tools: ["a", "b"] })).not.toBe(await specDigest({ tools: ["b", "a"] }));
});

test("the digest is that of SHA-256", async () => {
	// printf '{}' | sha256sum
	expect(await specDigest({})).toBe("44136fa355b3");
});

test("canonical JSON sorts at every depth", () => {
	expect(canonicalJson({ b: [{ d: 1, c: null }], a: "x" })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
});
