import type { Docker } from "./docker.ts";

const REPOSITORY = "klaw-node";
/** Before the process id of a `klaw up`, in a second tag of the image that it starts containers of. */
const IN_USE = "used-by-";

/** Name of the node's image with that content. */
export function nodeImageName(contentHash: string): string {
	return `${REPOSITORY}:${contentHash}`;
}

export interface NodeImagesOptions {
	docker: Docker;
	/** Of this process, and whether another one lives. */
	pid: number;
	isAlive(pid: number): boolean;
}

/**
 * Marks an image as used by this process. A `klaw up` without a container uses its image too, and of that the engine knows
 * nothing. Marks of processes that are gone go.
 */
export async function useNodeImage(image: string, { docker, pid, isAlive }: NodeImagesOptions): Promise<void> {
	await docker.output(["tag", image, nodeImageName(`${IN_USE}${pid}`)]);
	const gone = (await nodeImages(docker)).filter(({ tag }) => tag.startsWith(IN_USE) && !isAlive(Number(tag.slice(IN_USE.length))));
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
