/** The container engine of this machine, as the tests look at it: behind klaw's back. */
import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { promisify } from "node:util";
import { containersKey } from "../../src/cli/up/container-engine.ts";
import { Docker } from "../../src/cli/up/docker.ts";
import { Klaw } from "../e2e/klaw-process.ts";

const docker = new Docker(process.env);
const run = promisify(execFile);

/** What klaw needs of the environment to find the engine. */
const PASSED_ON = ["WRANGLER_DOCKER_BIN", "WRANGLER_DOCKER_HOST", "DOCKER_HOST", "MINIFLARE_CONTAINER_EGRESS_IMAGE"];

/** A node's container. */
export interface RunningContainer {
	id: string;
	/** Of the node. */
	node: string;
}

/**
 * `klaw up --containers` in an empty directory.
 *
 * @param settings as the variable `KLAW_CONTAINERS`
 * @param program the command of another installation than this checkout
 */
export function klawWithContainers(settings: Record<string, unknown> = {}, program?: string): Promise<Klaw> {
	const passed = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
	const env = { ...Object.fromEntries(passed), KLAW_CONTAINERS: JSON.stringify({ max: 4, ...settings }) };
	return Klaw.start({ args: ["--containers"], env, ...(program !== undefined && { program }) });
}

/** The containers of a data directory that run, without their sidecars. */
export async function containersOf(klaw: Klaw): Promise<RunningContainer[]> {
	const key = containersKey(klaw.data);
	const names = (await docker.output(["ps", "--filter", `name=workerd-${key}-`, "--format", "{{.Names}}"])).split("\n");
	const apps = names.filter((name) => name !== "" && !name.endsWith("-proxy"));
	return Promise.all(
		apps.map(async (id) => {
			const [node = ""] = JSON.parse(await docker.output(["inspect", id, "--format", "{{json .Config.Cmd}}"])).slice(-1);
			return { id, node };
		}),
	);
}

/** Everything of a data directory that the engine has, in whatever state. */
export async function leftOf(dataDir: string): Promise<string[]> {
	const list = await docker.output(["ps", "--all", "--filter", `name=workerd-${containersKey(dataDir)}-`, "--format", "{{.Names}}"]);
	return list.split("\n").filter((name) => name !== "");
}

export async function killContainer(id: string): Promise<void> {
	await docker.output(["kill", "--signal", "KILL", id]);
}

/** What a shell in the container prints; nothing when it fails. */
export async function inContainer(id: string, script: string): Promise<string> {
	return docker.output(["exec", id, "sh", "-c", script]).catch(() => "");
}

/** Freezes every process of the container: it is alive, and deaf. */
export async function pauseContainer(id: string): Promise<void> {
	await docker.output(["pause", id]);
}

/** SIGKILL for workerd alone; `klaw up` starts it again. */
export async function killWorkerd(klaw: Klaw): Promise<void> {
	const { stdout } = await run("pgrep", ["-f", `import-path.*${realpathSync(klaw.data)}/run/workerd.capnp`]);
	const [pid] = stdout.trim().split("\n").map(Number);
	if (!pid) throw new Error("workerd was not found");
	process.kill(pid, "SIGKILL");
}
