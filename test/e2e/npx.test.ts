import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "./klaw-process.ts";
import { RunningCommand } from "./running-command.ts";

/** A package registry that has nothing, and what was asked of it. */
let registry: Server;
let url: string;
const asked: string[] = [];
let dir: string;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "klaw-npx-"));
	registry = createServer((request, response) => {
		asked.push(request.url ?? "");
		response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
	}).listen(0, "127.0.0.1");
	await once(registry, "listening");
	const address = registry.address();
	url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterAll(async () => {
	registry?.close();
	await rm(dir, { recursive: true, force: true });
});

async function npx(cwd: string, ...args: string[]) {
	const env = { PATH: process.env.PATH, HOME: dir, npm_config_registry: url, npm_config_cache: join(dir, "cache") };
	const command = new RunningCommand("npx", args, { cwd, env });
	command.endInput();
	return { code: await command.ended, stdout: command.stdout, stderr: command.stderr };
}

/** The package of this name in the registry is another one. */
const askedForKlaw = () => asked.filter((path) => /^\/klaw\b/.test(path));

it.each([".", "docs"])("npx klaw in an installed clone (%s) runs this command, and asks no registry for it", async (place) => {
	expect(await npx(join(ROOT, place), "klaw", "version", "--client")).toMatchObject({
		code: 0,
		stdout: expect.stringMatching(/^Client Version: \d/),
	});
	expect(askedForKlaw()).toEqual([]);
});

it("npx klaw in a clone that is not installed asks a registry for what klaw needs, and never for the package of its name", async () => {
	const clone = join(dir, "clone");
	for (const file of ["package.json", "package-lock.json", ".npmrc", "bin/klaw.js", "scripts/prepare.mjs"]) {
		await mkdir(dirname(join(clone, file)), { recursive: true });
		await cp(join(ROOT, file), join(clone, file));
	}
	expect(await npx(clone, "klaw", "version", "--client")).toMatchObject({ code: 1, stdout: "" });
	expect(asked).not.toEqual([]);
	expect(askedForKlaw()).toEqual([]);
});
