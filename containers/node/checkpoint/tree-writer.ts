import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
	chmodSync,
	closeSync,
	constants,
	fchmodSync,
	fchownSync,
	fstatSync,
	ftruncateSync,
	futimesSync,
	lchownSync,
	lstatSync,
	mkdirSync,
	openSync,
	renameSync,
	rmdirSync,
	symlinkSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { errorCode } from "../explain-error.ts";
import { toSystem } from "./file-name.ts";
import { inDirectory } from "./in-directory.ts";
import { type ManifestFile, parentOf } from "./manifest.ts";

/** To whom everything of a workspace belongs, where the runtime may give files away. */
export interface Owner {
	uid: number;
	gid: number;
}

/** The owner may do everything until a directory is as it should be. */
const OWNER_ALL = 0o700;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const WRITE = constants.O_WRONLY | constants.O_NOFOLLOW;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Changes a workspace, one system call at a time. Paths are relative to its root; no link is followed and nothing outside of
 * it is written.
 */
export class TreeWriter {
	readonly #root: string;
	readonly #owner: Owner | undefined;

	/** @param root real path @param owner `undefined`: whoever runs this */
	constructor(root: string, owner: Owner | undefined) {
		this.#root = root;
		this.#owner = owner;
	}

	/** Makes a file or a directory one that its owner can read and change, if it is not root who does. */
	open(path: string, mode: number): void {
		if (process.getuid?.() !== 0 && (mode & OWNER_ALL) !== OWNER_ALL) this.#at(path, (real) => chmodSync(real, mode | OWNER_ALL));
	}

	/** A directory that is there already stays; anything else in its place goes. */
	makeDirectory(path: string, mode: number): void {
		const make = () => this.#at(path, (real) => mkdirSync(real, { mode: mode | OWNER_ALL }));
		try {
			make();
		} catch (error) {
			if (errorCode(error) !== "EEXIST") throw error;
			if (this.#at(path, (real) => lstatSync(real).isDirectory())) return;
			this.clear(path);
			make();
		}
		const { uid, gid } = this.#owner ?? {};
		if (uid !== undefined && gid !== undefined) this.#withFile(path, DIRECTORY, (directory) => fchownSync(directory, uid, gid));
	}

	makeLink(path: string, target: string): void {
		this.#at(path, (real) => {
			symlinkSync(toSystem(target), real);
			if (this.#owner) lchownSync(real, this.#owner.uid, this.#owner.gid);
		});
	}

	/** Makes an empty file, readable by nobody else until {@link TreeWriter.finishFile}. */
	makeFile(path: string, size: number): void {
		this.#withFile(path, CREATE, (file) => ftruncateSync(file, size));
	}

	writeFile(path: string, position: number, bytes: Uint8Array): void {
		this.#withFile(path, WRITE, (file) => writeAll(file, bytes, position));
	}

	/** Sets what is left when the contents are right. */
	finishFile({ path, mode, mtime }: ManifestFile): void {
		this.#withFile(path, READ, (file) => this.#finish(file, mode, mtime));
	}

	/** A whole file at once. */
	putFile({ path, mode, mtime }: ManifestFile, bytes: Uint8Array): void {
		this.#withFile(path, CREATE, (file) => {
			writeAll(file, bytes, 0);
			this.#finish(file, mode, mtime);
		});
	}

	/** Of a directory. */
	setMode(path: string, mode: number): void {
		this.#withFile(path, DIRECTORY, (directory) => fchmodSync(directory, mode));
	}

	/** Removes one entry; a directory only if it is empty. What is not there is removed. */
	remove(path: string): "removed" | "not empty" {
		try {
			return this.#at(path, (real) => {
				if (lstatSync(real).isDirectory()) rmdirSync(real);
				else unlinkSync(real);
				return "removed";
			});
		} catch (error) {
			if (errorCode(error) === "ENOENT") return "removed";
			if (errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST") return "not empty";
			throw error;
		}
	}

	/** Removes whatever is there. */
	clear(path: string): void {
		if (this.remove(path) !== "not empty") return;
		// Under a name that is text, whatever it was; should this be cut, no checkpoint has it.
		const renamed = join(parentOf(path), `.klaw-${randomUUID()}.tmp`);
		this.#at(path, (real, base) => renameSync(real, `${base}/${basename(renamed)}`));
		// As in `removeTree`. In its process, `self` would be another.
		this.#at(renamed, (real) => execFileSync("rm", ["-rf", "--", String(real).replace("/proc/self/", `/proc/${process.pid}/`)]));
	}

	#finish(file: number, mode: number, mtime: number): void {
		if (this.#owner) fchownSync(file, this.#owner.uid, this.#owner.gid);
		// After the owner: giving a file away takes its setuid bit.
		fchmodSync(file, mode);
		// Node takes seconds as a floating point number and cuts: in the middle of the millisecond it stays the same one.
		const seconds = (mtime + 0.5) / 1000;
		futimesSync(file, seconds, seconds);
	}

	#withFile<T>(path: string, flags: number, act: (file: number) => T): T {
		return this.#at(path, (real) => {
			const file = openSync(real, flags, 0o600);
			try {
				this.#assertOwn(file, path);
				return act(file);
			} finally {
				closeSync(file);
			}
		});
	}

	/** Some systems let anybody make a hard link to any file. It would be given away, or written to. */
	#assertOwn(file: number, path: string): void {
		if (!this.#owner || this.#owner.uid === 0) return;
		const stats = fstatSync(file);
		if (!stats.isFile() || stats.uid === this.#owner.uid || stats.nlink === 1) return;
		throw new Error(`${path} became a link to a file of somebody else while files were put into the workspace.`);
	}

	#at<T>(path: string, act: (real: string | Buffer, base: string) => T): T {
		const parent = parentOf(path);
		const name = path.slice(parent === "" ? 0 : parent.length + 1);
		return inDirectory(parent === "" ? this.#root : `${this.#root}/${parent}`, (base) => act(toSystem(`${base}/${name}`), base));
	}
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
	for (let written = 0; written < bytes.byteLength; ) {
		written += writeSync(file, bytes, written, bytes.byteLength - written, position + written);
	}
}
