import {
	chmodSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { toSystem } from "../file-name.ts";

/** What a tree is made of, by path. */
export type Tree = Record<string, TreeEntry>;
export type TreeEntry =
	| { directory: number }
	| { link: string }
	/** Contents, mode and time in milliseconds. */
	| { file: string; mode?: number; mtime?: number };

/**
 * Puts entries into a directory, in place of what is there. Directories on the way are made.
 *
 * @throws Error when a link is on the way: what is behind it is of this machine
 */
export function plant(root: string, tree: Tree): void {
	for (const [path, entry] of Object.entries(tree)) staysInside(root, path, entry);
	const directories = Object.entries(tree).filter(([, entry]) => "directory" in entry);
	for (const [path] of directories) mkdirSync(toSystem(`${root}/${path}`), { recursive: true });
	for (const [path, entry] of Object.entries(tree)) {
		if ("directory" in entry) continue;
		const real = toSystem(`${root}/${path}`);
		mkdirSync(toSystem(dirname(`${root}/${path}`)), { recursive: true });
		rmSync(real, { recursive: true, force: true });
		if ("link" in entry) symlinkSync(toSystem(entry.link), real);
		else {
			writeFileSync(real, entry.file);
			if (entry.mode !== undefined) chmodSync(real, entry.mode);
			if (entry.mtime !== undefined) utimesSync(real, entry.mtime / 1000, entry.mtime / 1000);
		}
	}
	for (const [path, entry] of directories.toReversed()) if ("directory" in entry) chmodSync(toSystem(`${root}/${path}`), entry.directory);
}

function staysInside(root: string, path: string, entry: TreeEntry): void {
	const parts = path.split("/");
	// A link itself is replaced, unless a directory is to be there.
	for (let depth = 1; depth < parts.length + ("directory" in entry ? 1 : 0); depth++) {
		const real = toSystem(`${root}/${parts.slice(0, depth).join("/")}`);
		if (lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink()) throw new Error(`${path} goes through a link.`);
	}
}

/** Everything below a directory, as the system tells it: names as hex, since they need not be text. */
export function picture(root: string): Record<string, unknown> {
	const seen: Record<string, unknown> = {};
	const look = (real: Buffer, path: string) => {
		for (const name of readdirSync(real, { encoding: "buffer" })) {
			const below = Buffer.concat([real, Buffer.from("/"), name]);
			const shown = `${path}/${name.toString("latin1")}`;
			const stats = lstatSync(below);
			const mode = (stats.mode & 0o7777).toString(8);
			if (stats.isDirectory()) {
				seen[shown] = { mode };
				look(below, shown);
			} else if (stats.isSymbolicLink()) seen[shown] = { link: readlinkSync(below, "latin1") };
			else if (stats.isFile()) seen[shown] = { mode, mtime: Math.floor(stats.mtimeMs), contents: readFileSync(below, "latin1") };
			else seen[shown] = "other";
		}
	};
	look(Buffer.from(root), "");
	return seen;
}
