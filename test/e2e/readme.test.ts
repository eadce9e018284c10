import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { Klaw, until } from "./klaw-process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const readme = await readFile(join(ROOT, "README.md"), "utf8");

/** Every command of the README's `sh` blocks, in order, without its comment. */
const commands = blocks("sh").flatMap((block) =>
	block
		.replaceAll(/\\\n\s*/g, "")
		.split("\n")
		.flatMap((line) => line.replace(/ {2,}# .*$/, "").trim() || []),
);

/** Run by CI itself, on a clean clone: inside a test they would run this test again, or for ever. */
const RUN_BY_CI = ["npm start", "npm test"];

let klaw: Klaw;

beforeAll(async () => {
	klaw = await Klaw.start({ firstTask: true });
	// What a clone has beside the README, and what the text says is in the data directory.
	await mkdir(join(klaw.dir, "examples"));
	await copyFile(join(ROOT, "examples/default.yaml"), join(klaw.dir, "examples/default.yaml"));
	for (const name of [
		"bin",
		"dist",
		"node_modules",
		"package.json",
		"wrangler.toml",
		"src",
		"durable-objects",
		"containers",
		"tsconfig.json",
		"tsconfig.base.json",
	])
		await symlink(join(ROOT, name), join(klaw.dir, name));
});
afterAll(() => klaw?.remove());

function blocks(language: string): string[] {
	return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, body]) => body ?? "");
}

function shell(command: string, signal?: AbortSignal): Promise<{ code: number; output: string }> {
	const env = { PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`, HOME: klaw.dir, CI: "true", npm_config_offline: "true" };
	// The README's server is on the default port; the test's is on a free one.
	// (`npx klaw` itself, in a clone, is the matter of npx.test.ts; here `klaw` is what it starts.)
	const line = command.replace("http://127.0.0.1:8787", klaw.url).replaceAll("npx klaw", "klaw");
	return new Promise((resolve) => {
		execFile("bash", ["-c", line], { cwd: klaw.dir, env, signal, timeout: 60_000 }, (error, stdout, stderr) =>
			resolve({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, output: stdout + stderr }),
		);
	});
}

describe("the README", () => {
	it("opens with what klaw is for and the two commands", () => {
		expect(commands.slice(0, 2)).toEqual(RUN_BY_CI);
		expect(readme.indexOf("npm start")).toBeLessThan(1_200);
	});

	it("names only npm scripts that exist", async () => {
		const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
		const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map(([, name]) => name);
		for (const name of [...named, "start", "test"]) expect(Object.keys(scripts)).toContain(name);
		const ci = await readFile(join(ROOT, ".ci/run"), "utf8");
		for (const name of ["npm test", "npm run demo", "npm run bench", "npm run lint", "npm run typecheck"]) expect(ci).toContain(name);
	});

	it("has commands that all work, in the order in which they stand there", async () => {
		const run = commands.filter((command) => !RUN_BY_CI.includes(command));
		expect(run.length).toBeGreaterThan(12);
		for (const command of run) {
			if (command.includes("node join")) {
				const leave = new AbortController();
				const joined = shell(command, leave.signal);
				await until(async () => (await klaw.cli(["get", "node", "second"])).stdout.includes("Ready"), 20_000);
				leave.abort();
				await joined;
			} else {
				const { code, output } = await shell(command);
				expect(code, `${command}\n${output}`).toBe(0);
			}
		}
	}, 120_000);

	it("has YAML that the API takes", () => {
		const documents = blocks("yaml").flatMap((block) => parseAllDocuments(block).map((document) => document.toJS()));
		expect(documents.length).toBeGreaterThan(0);
		for (const { kind, spec } of documents) expect(kind === "Agent" && agentSpecSchema.safeParse(spec).error).toBeUndefined();
	});
});
