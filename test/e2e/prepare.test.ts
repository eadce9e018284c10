import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const PREPARE = join(import.meta.dirname, "../../scripts/prepare.mjs");

/** Stands in for npm: notes what it was asked, and leaves what a true `npm ci` leaves. */
const NPM = `
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
if (process.env.BREAK_NPM) { console.error("npm error: no network"); process.exit(1); }
rmSync("node_modules", { recursive: true, force: true });
mkdirSync("node_modules/.bin", { recursive: true });
mkdirSync("node_modules/node/bin", { recursive: true });
symlinkSync(process.execPath, "node_modules/node/bin/node");
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
delete lock.packages["node_modules/for-another-platform"];
writeFileSync("node_modules/.package-lock.json", JSON.stringify(lock));
`;
/** Stands in for the build, and takes its time. */
const BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
appendFileSync("build.log", "begin\\n");
const begun = new Date().toISOString();
await new Promise((resolve) => setTimeout(resolve, 150));
mkdirSync("dist/worker", { recursive: true });
for (const name of ["cli.js", "node.js", "worker/worker.js"]) writeFileSync("dist/" + name, "");
writeFileSync("dist/.built", begun);
appendFileSync("build.log", "end\\n");
`;

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "klaw-prepare-"));
	for (const dir of ["scripts", "src/cli", "bin", "npm"]) mkdirSync(join(root, dir), { recursive: true });
	copyFileSync(PREPARE, join(root, "scripts", "prepare.mjs"));
	write("scripts/build.ts", BUILD);
	write("src/cli/main.ts", "");
	write("bin/klaw.js", "");
	write("package.json", '{"type": "module"}');
	write("npm/npm-cli.js", NPM);
	lockfile("1.0.0");
	makeOld();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
	writeFileSync(join(root, path), text);
}
function lockfile(version: string): void {
	const packages = {
		"": {},
		"node_modules/a": { version, integrity: `sha-${version}` },
		"node_modules/for-another-platform": { version: "1.0.0", optional: true },
	};
	write("package-lock.json", JSON.stringify({ packages }));
}
/** As files of a clone that was made a while ago. */
function makeOld(): void {
	const then = new Date(Date.now() - 60_000);
	for (const path of [
		"scripts/prepare.mjs",
		"scripts/build.ts",
		"scripts",
		"src/cli/main.ts",
		"src/cli",
		"src",
		"package.json",
		"package-lock.json",
	])
		utimesSync(join(root, path), then, then);
}
const log = (name: string): string[] => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8").trim().split("\n") : []);

async function prepare(env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
	const options = { cwd: root, env: { PATH: process.env.PATH, npm_execpath: join(root, "npm", "npm-cli.js"), ...env } };
	try {
		return { code: 0, ...(await promisify(execFile)(process.execPath, [join(root, "scripts", "prepare.mjs")], options)) };
	} catch (error) {
		const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
		return { code, stdout, stderr };
	}
}

describe("scripts/prepare.mjs", () => {
	it("installs and builds a fresh clone, says why, and does nothing the next time", async () => {
		expect(await prepare()).toEqual({
			code: 0,
			stdout:
				"Installing packages with npm ci, because node_modules is missing or incomplete.\nBuilding klaw, because dist is missing or incomplete.\n",
			stderr: "",
		});
		expect(await prepare()).toEqual({ code: 0, stdout: "", stderr: "" });
		expect([log("npm.log").length, log("build.log")]).toEqual([1, ["begin", "end"]]);
	});

	it("lets npx klaw find the command of the clone", async () => {
		await prepare();
		expect(readlinkSync(join(root, "node_modules/.bin/klaw"))).toBe("../../bin/klaw.js");
	});

	it("installs again when the lockfile asks for another version, not when a package is for another platform", async () => {
		await prepare();
		lockfile("2.0.0");
		expect((await prepare()).stdout).toContain("Installing packages with npm ci, because package-lock.json asks for another a.\n");
		makeOld();
		expect((await prepare()).stdout).toBe("");
		expect(log("npm.log")).toHaveLength(2);
	});

	it("builds again when a source has changed or is gone, not when a test has", async () => {
		write("src/cli/extra.ts", "");
		await prepare();
		write("src/cli/main.ts", "changed");
		expect((await prepare()).stdout).toBe("Building klaw, because src/cli/main.ts has changed.\n");
		rmSync(join(root, "src/cli/extra.ts"));
		expect((await prepare()).stdout).toBe("Building klaw, because src/cli has changed.\n");
		write("src/cli/main.test.ts", "");
		await prepare();
		write("src/cli/main.test.ts", "changed");
		expect((await prepare()).stdout).toBe("");
	});

	it("runs once when it is started several times at once", async () => {
		const all = await Promise.all(Array.from({ length: 4 }, () => prepare()));
		expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
		expect([log("npm.log").length, log("build.log")]).toEqual([1, ["begin", "end"]]);
	});

	it("passes over one that was killed in the middle", async () => {
		mkdirSync(join(root, "dist/.preparing"), { recursive: true });
		// No process has this id: it is above the largest that Linux gives.
		write("dist/.preparing/4194305", "");
		expect((await prepare()).stdout).toContain("Building klaw");
	});

	it("fails in a sentence when npm fails, and builds nothing", async () => {
		expect(await prepare({ BREAK_NPM: "1" })).toMatchObject({
			code: 1,
			stderr: "npm error: no network\nerror: npm ci failed (exit code 1); what it said stands above.\n",
		});
		expect(log("build.log")).toEqual([]);
	});
});
