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

it("a new token has 256 bits and is only its owner's to read", () => {
	expect(Buffer.from(loadTokens(path).admin, "base64url")).toHaveLength(32);
	expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("the token of a data directory stays the same at the next start", () => {
	expect(loadTokens(path)).toEqual(loadTokens(path));
});

it("a data directory from when there was one join token for all still starts", () => {
	writeFileSync(path, JSON.stringify({ admin: "a".repeat(43), join: "j".repeat(43) }));
	expect(loadTokens(path)).toEqual({ admin: "a".repeat(43) });
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
