import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../errors.ts";

/** What `klaw up` starts, and where it lies. */
export interface Installation {
	/** Directory of the built Worker. */
	worker: string;
	/** The built node runtime. */
	node: string;
	/** Of the node's image. */
	dockerfile: string;
	/** Directory of the manifests that are applied to a new cluster. */
	examples: string;
	/** The workerd program. */
	workerd: string;
}

/** @throws CliError when a part is missing */
export function findInstallation(): Installation {
	const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
	const found = {
		worker: join(root, "dist", "worker"),
		node: join(root, "dist", "node.js"),
		dockerfile: join(root, "containers", "node", "Dockerfile"),
		examples: join(root, "examples"),
	};
	for (const path of [join(found.worker, "worker.js"), found.node])
		if (!existsSync(path)) throw new CliError(`${path} is missing. Build klaw first, with: npm run build`);
	return { ...found, workerd: findWorkerd() };
}

/** This file lies in `dist/` once it is built, and three directories deeper before. */
function packageRoot(dir: string): string {
	if (existsSync(join(dir, "package.json")) || dirname(dir) === dir) return dir;
	return packageRoot(dirname(dir));
}

/** @throws CliError when it is not installed for this platform */
export function findWorkerd(): string {
	try {
		const { default: path }: { default: string } = createRequire(import.meta.url)("workerd");
		if (existsSync(path)) return path;
	} catch {
		// Not installed, or no package for this platform: the same sentence helps.
	}
	throw new CliError(`The package workerd is not installed for ${process.platform} ${process.arch}. Install it with: npm ci`);
}
