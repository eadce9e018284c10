import { expect, test } from "vitest";
import { secretRef } from "./references.ts";

test.each([
	[["apiKey"], "Secret of the same namespace with the key apiKey"],
	[["botToken", "signingSecret"], "Secret of the same namespace with the keys botToken and signingSecret"],
])("explain names the keys of a Secret: %s", (keys, text) => {
	expect(secretRef(...keys).description).toBe(text);
});
