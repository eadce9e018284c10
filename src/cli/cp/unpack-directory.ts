import { createWriteStream, type Stats } from "node:fs";
import { chmod, copyFile, lstat, mkdir, realpath, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { CliError } from "../errors.ts";

/**
 * Writes a tar into a directory, which is made. Whoever made the tar is not trusted: an entry that leads out of the
 * directory, by its name or through a link, ends it.
 *
 * @param skipped told of a link that leads out, which is not made, and of what is no file
 * @throws CliError for an entry that escapes
 */
export async function unpackDirectory(
	tar: AsyncIterable<Uint8Array>,
	directory: string,
	skipped: (path: string, target: string) => void,
): Promise<void> {
	await mkdir(directory, { recursive: true });
	const root = await realpath(directory);
	const entries = extract();
	const fed = pipeline(tar, entries);
	// Its failure is met by whoever reads the entries.
	fed.catch(() => undefined);
	for await (const entry of entries) {
		await write(root, entry, skipped);
		entry.resume();
	}
	await fed;
}

async function write(
	root: string,
	entry: AsyncIterable<unknown> & { header: Header },
	skipped: (path: string, target: string) => void,
): Promise<void> {
	const { name, type, mode = 0o644, linkname } = entry.header;
	const wanted = inside(root, name, name);
	if (wanted === root) return;
	const parent = await openParent(root, dirname(wanted), name);
	const path = join(parent, basename(wanted));
	const there = await lstat(path).catch(() => undefined);
	switch (type) {
		case "directory":
			if (there && !there.isDirectory()) await rm(path);
			await mkdir(path, { recursive: true });
			await chmod(path, (mode & 0o777) | 0o700);
			return;
		case "symlink": {
			const target = resolve(parent, linkname ?? "");
			if (linkname?.startsWith("/") || (target !== root && !target.startsWith(root + sep))) return skipped(name, linkname ?? "");
			await makeWay(path, there, name);
			return symlink(linkname ?? "", path);
		}
		case "link": {
			const from = await realpath(inside(root, linkname ?? "", name));
			if (!from.startsWith(root + sep)) throw escapes(name);
			await makeWay(path, there, name);
			return copyFile(from, path);
		}
		case "file":
		case "contiguous-file":
			if (there && !there.isFile()) await makeWay(path, there, name);
			await pipeline(entry, createWriteStream(path, { mode: mode & 0o777 }));
			return chmod(path, mode & 0o777);
		default:
			skipped(name, "");
	}
}

/** Whoever made the tar has no say in what of a whole directory here is to go. */
async function makeWay(path: string, there: Stats | undefined, name: string): Promise<void> {
	if (there?.isDirectory())
		throw new CliError(
			`${JSON.stringify(name)} is no directory in the workspace, but one here: ${path}. Move it away, or copy to another place.`,
		);
	if (there) await rm(path);
}

/** The real directory, made as far as it is missing; a link on the way may have been there before, or have come in this tar. */
async function openParent(root: string, directory: string, name: string): Promise<string> {
	let real = root;
	for (const part of relative(root, directory).split(sep).filter(Boolean)) {
		const next = join(real, part);
		await mkdir(next).catch((error) => {
			if (error.code !== "EEXIST") throw error;
		});
		real = await realpath(next);
		if (real !== root && !real.startsWith(root + sep)) throw escapes(name);
	}
	return real;
}

function inside(root: string, path: string, name: string): string {
	const full = join(root, path);
	if (path.startsWith("/") || path.split("/").includes("..") || (full !== root && !full.startsWith(root + sep))) throw escapes(name);
	return full.endsWith(sep) ? full.slice(0, -1) : full;
}

function escapes(name: string): CliError {
	return new CliError(`The copy has an entry that leads out of the directory: ${JSON.stringify(name)}. Nothing more was written.`);
}
