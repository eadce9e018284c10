/**
 * Makes a clone ready to run: installs the packages and builds `dist/`, each only when needed. It runs before
 * `npm start` and the like, so it is plain JavaScript, needs no package and works on Node 20.
 */
import { spawnSync } from "node:child_process";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32";
/** Node 24, which the package `node` brings: the build and wrangler need more than Node 20. */
const ownNode = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");
/** Everything that a build depends on. */
const SOURCES = ["src", "durable-objects", "containers", "skills", "scripts", "package.json", "package-lock.json"];
const BUILT = ["cli.js", "node.js", join("worker", "worker.js")];
/** Older than any installation takes: whoever began then is gone, and its process id may be another's. */
const FORGOTTEN_MS = 30 * 60_000;

// `npm ci` below runs the package's own scripts, so this one may be called by itself.
if (process.env.KLAW_PREPARING) {
	linkCommand();
} else {
	try {
		await alone(prepare);
	} catch (error) {
		console.error(`error: ${error instanceof Error ? error.message : error}`);
		process.exitCode = 1;
	}
}

function prepare() {
	const install = whyInstall();
	if (install) {
		console.log(`Installing packages with npm ci, because ${install}.`);
		// Warnings about the engines of packages that run on our own Node would only worry people.
		npm(["ci", "--include=dev", "--loglevel=error"]);
		if (!existsSync(ownNode))
			throw new Error(
				`${ownNode} is missing after npm ci. Its package installs it with a script: allow scripts (npm config delete ignore-scripts) and try again.`,
			);
	}
	const build = whyBuild();
	if (build) {
		console.log(`Building klaw, because ${build}.`);
		run(ownNode, [join(root, "scripts", "build.ts")], "Building klaw");
	}
	linkCommand();
}

/** Why `npm ci` is needed, or undefined. npm notes in `node_modules/.package-lock.json` what it has installed. */
function whyInstall() {
	const installed = join(root, "node_modules", ".package-lock.json");
	if (!existsSync(installed)) return "node_modules is missing or incomplete";
	if (!existsSync(ownNode)) return "node_modules has no Node of its own";
	const wanted = packages(join(root, "package-lock.json"));
	const present = packages(installed);
	for (const [path, entry] of Object.entries(wanted)) {
		// Packages for other platforms are left out by npm.
		if (path === "" || (entry.optional && !present[path])) continue;
		if (present[path]?.version !== entry.version || present[path]?.integrity !== entry.integrity)
			return `package-lock.json asks for another ${path.replace(/^.*node_modules\//, "")}`;
	}
	return undefined;
}

function packages(path) {
	try {
		return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
	} catch (error) {
		throw new Error(`${path} cannot be read: ${error.message}`);
	}
}

/** Why a build is needed, or undefined. `dist/.built` says when the last one began. */
function whyBuild() {
	const dist = join(root, "dist");
	if ([".built", ...BUILT].some((path) => !existsSync(join(dist, path)))) return "dist is missing or incomplete";
	const built = Date.parse(readFileSync(join(dist, ".built"), "utf8"));
	const changed = SOURCES.map((path) => changedAfter(join(root, path), built)).find((path) => path);
	return changed && `${changed.slice(root.length)} has changed`;
}

/** A file or directory at or below `path` that is newer than `time`. A directory is when something in it was removed. */
function changedAfter(path, time) {
	const stat = statSync(path, { throwIfNoEntry: false });
	if (!stat || path.endsWith(".test.ts")) return undefined;
	if (stat.isDirectory()) {
		for (const name of readdirSync(path)) {
			const changed = changedAfter(join(path, name), time);
			if (changed) return changed;
		}
	}
	return stat.mtimeMs > time ? path : undefined;
}

/** Lets `npx klaw` find this clone's command, and never the unrelated package of that name in the registry. */
function linkCommand() {
	const bin = join(root, "node_modules", ".bin");
	if (!existsSync(bin)) return;
	const target = join("..", "..", "bin", "klaw.js");
	if (windows) {
		writeFileSync(join(bin, "klaw.cmd"), `@node "%~dp0\\${target}" %*\r\n`);
		writeFileSync(join(bin, "klaw.ps1"), `& node "$PSScriptRoot\\${target}" $args\nexit $LASTEXITCODE\n`);
		return;
	}
	chmodSync(join(root, "bin", "klaw.js"), 0o755);
	const link = join(bin, "klaw");
	try {
		if (readlinkSync(link) === target) return;
	} catch {
		// It is not there, or something else is.
	}
	rmSync(link, { force: true });
	symlinkSync(target, link);
}

function npm(args) {
	const script = process.env.npm_execpath;
	// Started by npm: the same npm, by the Node that it runs on, since the one in node_modules is about to be replaced.
	if (script && basename(script) === "npm-cli.js") run(process.env.npm_node_execpath ?? process.execPath, [script, ...args], "npm ci");
	else run("npm", args, "npm ci", { shell: windows });
}

function run(command, args, what, options = {}) {
	const { status, signal, error } = spawnSync(command, args, {
		cwd: root,
		stdio: "inherit",
		env: { ...process.env, KLAW_PREPARING: "1" },
		...options,
	});
	if (error) throw new Error(`${what} could not be started: ${error.message}`);
	if (status !== 0) throw new Error(`${what} failed (${signal ?? `exit code ${status}`}); what it said stands above.`);
}

/**
 * Runs `work` while no other process does the same in this clone. Each shows itself with a file before it looks for
 * others, so of two that come at once at least one sees the other; it steps back and tries again.
 */
async function alone(work) {
	const dir = join(root, "dist", ".preparing");
	mkdirSync(dir, { recursive: true });
	const own = join(dir, String(process.pid));
	for (let told = false; ; ) {
		writeFileSync(own, "");
		const other = readdirSync(dir).find((pid) => pid !== String(process.pid) && isPreparing(join(dir, pid), Number(pid)));
		if (other === undefined) break;
		rmSync(own, { force: true });
		if (!told) console.log(`Another process (${other}) is preparing klaw; waiting for it.`);
		told = true;
		await sleep(50 + Math.random() * 100);
	}
	try {
		work();
	} finally {
		rmSync(own, { force: true });
	}
}

function isPreparing(path, pid) {
	const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
	if (since === undefined) return false;
	try {
		if (Date.now() - since < FORGOTTEN_MS && process.kill(pid, 0)) return true;
	} catch (error) {
		if (error.code === "EPERM") return true;
	}
	rmSync(path, { force: true });
	return false;
}
