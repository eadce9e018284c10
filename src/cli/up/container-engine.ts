import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bootIdOf } from "../../../containers/node/machine-facts.ts";
import { CliError } from "../errors.ts";
import { type Docker, firstLine } from "./docker.ts";
import type { Installation } from "./installation.ts";
import { type Machine, nodeImageName, removeOldNodeImages, useNodeImage } from "./node-images.ts";

/** What workerd must know to start containers. */
export interface ContainerEngine {
	/** Address of the engine. */
	socket: string;
	/** Of the node. */
	image: string;
	/** Of the sidecar that workerd puts beside each container. */
	interceptorImage: string;
	/** Stands in the name of each container of this data directory, and of no other's. */
	uniqueKey: string;
}

const REMOVALS = 20;
const REMOVAL_MS = 250;

/**
 * The sidecar that the workerd of this version goes with, as miniflare and wrangler have it
 * (`DEFAULT_CONTAINER_EGRESS_INTERCEPTOR_IMAGE`).
 */
export const INTERCEPTOR_IMAGE =
	"cloudflare/proxy-everything:3cb1195@sha256:0ef6716c52430096900b150d84a3302057d6cd2319dae7987128c85d0733e3c8";

export interface ContainerEngineOptions {
	docker: Docker;
	installation: Pick<Installation, "node" | "dockerfile">;
	dataDir: string;
	/** `MINIFLARE_CONTAINER_EGRESS_IMAGE` names another sidecar. */
	env: Readonly<Record<string, string | undefined>>;
	/** Told what takes its time. */
	progress(text: string): void;
	signal: AbortSignal;
}

/**
 * Gets everything there that containers need. The node's image is built when there is none of the same content.
 *
 * @throws CliError with a sentence, and what the engine said
 */
export async function prepareContainers(options: ContainerEngineOptions): Promise<ContainerEngine> {
	const { docker, env, dataDir, progress, signal } = options;
	await docker.check();
	const interceptorImage = env.MINIFLARE_CONTAINER_EGRESS_IMAGE ?? INTERCEPTOR_IMAGE;
	if (!(await docker.has(interceptorImage))) {
		progress("Getting the image of the network sidecar");
		await said(docker.output(["pull", interceptorImage], signal), `The image ${interceptorImage} could not be had`);
	}
	const { image, isNew } = await nodeImage(options);
	// That an old image stays, or this one is not marked, keeps nobody from starting.
	await useNodeImage(image, { docker, pid: process.pid, isAlive: isProcess, machine: machine() }).catch(() => undefined);
	if (isNew) await removeOldNodeImages(image, { docker }).catch(() => undefined);
	return { socket: await docker.socket(), image, interceptorImage, uniqueKey: containersKey(dataDir) };
}

/** Unique key of the containers' objects of a data directory. workerd makes the names of their containers with it. */
export function containersKey(dataDir: string): string {
	return `klaw-containers-${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`;
}

/** Removes the containers of a data directory, whoever started them. @returns how many there were */
export async function removeContainers(docker: Docker, dataDir: string): Promise<number> {
	const list = async () => {
		const ids = await docker.output(["ps", "--all", "--quiet", "--filter", `name=workerd-${containersKey(dataDir)}-`]);
		return ids.split("\n").filter((id) => id !== "");
	};
	const ids = await list();
	for (let left = ids, tries = 0; left.length > 0; left = await list(), tries++) {
		try {
			await docker.output(["rm", "--force", "--volumes", ...left]);
		} catch (error) {
			// workerd that was just stopped may be removing the same ones.
			if (tries >= REMOVALS) throw error;
			await sleep(REMOVAL_MS);
		}
	}
	return ids.length;
}

async function nodeImage({ docker, installation, progress, signal }: ContainerEngineOptions): Promise<{ image: string; isNew: boolean }> {
	const { dockerfile, node } = installation;
	const hash = createHash("sha256").update(readFileSync(dockerfile)).update(readFileSync(node)).digest("hex").slice(0, 12);
	const image = nodeImageName(hash);
	if (await docker.has(image)) return { image, isNew: false };
	progress("Building the node's image, which takes a minute the first time");
	// A context of its own: nothing else of the project is sent to the engine.
	const context = mkdtempSync(join(tmpdir(), "klaw-image-"));
	try {
		copyFileSync(dockerfile, join(context, "Dockerfile"));
		copyFileSync(node, join(context, "node.js"));
		await said(docker.output(["build", "--tag", image, context], signal), "The node's image could not be built");
	} finally {
		rmSync(context, { recursive: true, force: true });
	}
	return { image, isNew: true };
}

function machine(): Machine {
	const read = (path: string) => {
		try {
			return readFileSync(path, "utf8");
		} catch {
			// Not on this system.
			return undefined;
		}
	};
	const boot = read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
	return { host: hostname(), boot, processes: bootIdOf(read) ?? "" };
}

function isProcess(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		// Another user's is one too.
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}

async function said(work: Promise<unknown>, what: string): Promise<void> {
	try {
		await work;
	} catch (error) {
		const all = error instanceof Error && "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : "";
		throw new CliError(`${what}: ${firstLine(error)}.${all.includes("\n") ? `\n${all.split("\n").slice(-15).join("\n")}` : ""}`);
	}
}
