import { createHash } from "node:crypto";
import type { Docker } from "./docker.ts";

const REPOSITORY = "klaw-node";
/** Before what tells a `klaw up` from all others, in a second tag of the image that it starts containers of. */
const IN_USE = "used-by-";
/** Of each name in it, so many characters of its hash. */
const HASH = 8;

/** Name of the node's image with that content. */
export function nodeImageName(contentHash: string): string {
	return `${REPOSITORY}:${contentHash}`;
}

export interface NodeImagesOptions {
	docker: Docker;
	/** Of this process, and whether another one of this machine lives. */
	pid: number;
	isAlive(pid: number): boolean;
	/** Several may share an engine, and a process id says nothing of the processes of another. */
	machine: Machine;
}

export interface Machine {
	host: string;
	/** Differs after each boot of it; empty: not known. */
	boot: string;
	/** Whose process ids they are: those of a container are its own. */
	processes: string;
}

/**
 * Marks an image as used by this process. A `klaw up` without a container uses its image too, and of that the engine knows
 * nothing. Marks of processes that are gone go.
 */
export async function useNodeImage(image: string, { docker, pid, isAlive, machine }: NodeImagesOptions): Promise<void> {
	const own = [machine.host, machine.boot, machine.processes].map(hashed);
	await docker.output(["tag", image, nodeImageName(`${IN_USE}${own.join("-")}-${pid}`)]);
	const isGone = (tag: string) => {
		const mark = tag.slice(IN_USE.length).split("-");
		// Of an earlier version of klaw, which knew of one machine only.
		if (mark.length === 1) return !isAlive(Number(mark[0]));
		const [host, boot, processes, id] = mark;
		if (host !== own[0]) return false;
		return boot !== own[1] || (processes === own[2] && !isAlive(Number(id)));
	};
	const gone = (await nodeImages(docker)).filter(({ tag }) => tag.startsWith(IN_USE) && isGone(tag));
	await remove(
		docker,
		gone.map(({ tag }) => tag),
	);
}

/**
 * Removes the images of earlier versions that no `klaw up` uses. One of which there is a container stays: the engine
 * refuses. Their layers are shared with the new one, so going back to an earlier version builds in seconds.
 */
export async function removeOldNodeImages(image: string, { docker }: Pick<NodeImagesOptions, "docker">): Promise<void> {
	const images = await nodeImages(docker);
	const used = new Set(images.filter(({ tag }) => tag.startsWith(IN_USE)).map(({ id }) => id));
	const old = images.filter(({ id, tag }) => /^[0-9a-f]{12}$/.test(tag) && nodeImageName(tag) !== image && !used.has(id));
	await remove(
		docker,
		old.map(({ tag }) => tag),
	);
}

function hashed(name: string): string {
	return createHash("sha256").update(name).digest("hex").slice(0, HASH);
}

async function nodeImages(docker: Docker): Promise<{ id: string; tag: string }[]> {
	const list = await docker.output(["images", "--no-trunc", "--format", "{{.ID}} {{.Tag}}", REPOSITORY]);
	return list.split("\n").flatMap((line) => {
		const [id = "", tag = ""] = line.trim().split(" ");
		return tag === "" ? [] : [{ id, tag }];
	});
}

/** One after the other, so that one that is in use keeps none of the rest. */
async function remove(docker: Docker, tags: readonly string[]): Promise<void> {
	for (const tag of tags) await docker.output(["rmi", nodeImageName(tag)]).catch(() => undefined);
}
