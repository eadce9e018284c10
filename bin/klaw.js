#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

const cli = new URL("../dist/cli.js", import.meta.url);
const [major = 0] = process.versions.node.split(".").map(Number);

if (major < 20) {
	console.error(`error: klaw needs Node 20 or newer; this is Node ${process.versions.node}.`);
	process.exitCode = 1;
} else if (existsSync(cli)) {
	// Node 20 has none.
	module.enableCompileCache?.();
	await import(cli.href);
} else {
	console.error("error: klaw is not built yet. Build it with: npm run build");
	process.exitCode = 1;
}
