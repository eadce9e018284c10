import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { localKubeconfig } from "./local-kubeconfig.ts";
import { loadTokens } from "./tokens.ts";

let path: string;
beforeEach(() => {
	path = join(mkdtempSync(join(tmpdir(), "klaw-tokens-")), "tokens.json");
});
afterEach(() => rmSync(join(path, ".."), { recursive: true, force: true }));

it("new tokens have 256 bits, differ, and are only their owner's to read", () => {
	const tokens = loadTokens(path);
	expect(Object.values(tokens).map((token) => Buffer.from(token, "base64url").length)).toEqual([32, 32]);
	expect(tokens.admin).not.toBe(tokens.join);
	expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("the tokens of a data directory stay the same at the next start", () => {
	expect(loadTokens(path)).toEqual(loadTokens(path));
});

it("a file that holds none is not written over", () => {
	writeFileSync(path, '{"admin": "short"}');
	expect(() => loadTokens(path)).toThrow("tokens.json does not hold the tokens of this klaw. Delete it to have new ones made");
});

it("the kubeconfig has one context, local, in the namespace default", () => {
	expect(parse(localKubeconfig("https://127.0.0.1:8443", "CERTIFICATE", "t"))).toMatchObject({
		"current-context": "local",
		clusters: [{ name: "local", cluster: { server: "https://127.0.0.1:8443", "certificate-authority-data": btoa("CERTIFICATE") } }],
		users: [{ name: "local", user: { token: "t" } }],
		contexts: [{ name: "local", context: { cluster: "local", user: "local", namespace: "default" } }],
	});
});
