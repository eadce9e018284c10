/**
 * Builds `dist/`: the Worker for workerd (`worker/`), the command (`cli.js`) and the node runtime (`node.js`). Each
 * file is replaced at once and the Worker's entry point after the chunks that it needs, so that whoever reads `dist/`
 * meanwhile sees the old or the new build.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const begun = new Date();
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

const common = {
	absWorkingDir: root,
	bundle: true,
	format: "esm",
	minify: true,
	legalComments: "none",
	define: { KLAW_VERSION: JSON.stringify(version) },
	logLevel: "warning",
} satisfies BuildOptions;

/** Packages name Node's own modules without `node:`; workerd knows them with it only. */
const nodePrefix: Plugin = {
	name: "node-prefix",
	setup({ onResolve }) {
		const names = new Set(builtinModules);
		onResolve({ filter: /^[a-z]/ }, ({ path }) => (names.has(path) ? { path: `node:${path}`, external: true } : undefined));
	},
};

const worker: BuildOptions = {
	...common,
	entryPoints: { worker: "src/worker.ts" },
	// The SDKs of the model providers are chunks that are loaded when a model is first used.
	splitting: true,
	chunkNames: "chunk-[hash]",
	platform: "neutral",
	target: "es2024",
	mainFields: ["module", "main"],
	conditions: ["workerd", "worker", "browser"],
	external: ["cloudflare:*", "node:*"],
	plugins: [nodePrefix],
};

const programs: BuildOptions = {
	...common,
	entryPoints: { cli: "src/cli/main.ts", node: "containers/node/main.ts" },
	platform: "node",
	target: "node20",
	external: ["workerd"],
	// Packages in CommonJS call require, which a module does not have.
	banner: { js: 'import { createRequire as klawCreateRequire } from "node:module"; const require = klawCreateRequire(import.meta.url);' },
};

const next = join(dist, `.next-${process.pid}`);
try {
	await Promise.all([build({ ...worker, outdir: join(next, "worker") }), build({ ...programs, outdir: next })]);
	const built = readdirSync(next, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	const paths = built.map((entry) => join(entry.parentPath, entry.name).slice(next.length + 1));
	// Chunks have their content in their names: the entry points that name them come last.
	for (const path of paths.sort((a, b) => Number(b.includes("chunk-")) - Number(a.includes("chunk-")))) {
		mkdirSync(dirname(join(dist, path)), { recursive: true });
		renameSync(join(next, path), join(dist, path));
	}
	for (const name of readdirSync(join(dist, "worker"))) if (!paths.includes(join("worker", name))) rmSync(join(dist, "worker", name));
	// What was built is no newer than this, however long it took.
	writeFileSync(join(dist, ".built"), begun.toISOString());
} finally {
	rmSync(next, { recursive: true, force: true });
}
