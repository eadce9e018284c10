import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { containerSettings, schedulerConfig } from "../../../durable-objects/dispatcher/settings.ts";
import { parseQuantity } from "../../resources/quantity.ts";
import { resourcePath } from "../api-resource.ts";
import { CliError, sentence } from "../errors.ts";
import type { Io } from "../io.ts";
import { TASK } from "../kinds.ts";
import { isOver, type KubeList, type NodeObject, type TaskObject } from "../objects.ts";
import { Progress } from "../progress.ts";
import { Screen } from "../render/screen.ts";
import { styleFor } from "../render/style.ts";
import { VERSION } from "../version.ts";
import { createExamples } from "./examples.ts";
import { type FirstTask, runFirstTask } from "./first-task.ts";
import { findInstallation } from "./installation.ts";
import { LocalCluster } from "./local-cluster.ts";
import { modelsInUse, readModelSettings } from "./model-settings.ts";
import { untilNodeReady } from "./until-ready.ts";

export interface UpOptions {
	host: string;
	/** Absent: 8787, or any free one for a demo. */
	port: number | undefined;
	/** Absent: 8443, or any free one when that is taken or the other port is any free one. */
	httpsPort: number | undefined;
	/** Absent: `.klaw`, or a directory of its own for a demo. */
	data: string | undefined;
	/** `first`: a first task, then serve. `only`: the task and nothing else. */
	demo: "first" | "only" | "none";
	node: boolean;
	nodeCapacity: string | undefined;
	/** Nodes are containers instead of one process on this machine. */
	containers: boolean;
	allowLocalNetwork: boolean;
}

const NODE_NAME = "local";
const NODE_READY_MS = 30_000;
/** Of `KLAW_CONTAINERS`, unless the user says otherwise: what a laptop has room for. */
const CONTAINERS = { max: 4 };
/** For the task of a demo, with a real model. */
const DEMO_MS = 180_000;
/** A Ctrl-C that npm passes on comes a moment after the terminal's own: both are one. */
const SAME_INTERRUPT_MS = 1_000;

/** Brings klaw up and serves until Ctrl-C. Returns the exit code. @throws CliError when it could not start */
export async function up(options: UpOptions, io: Io): Promise<number> {
	const demo = options.demo === "only";
	const temporary = demo && options.data === undefined ? mkdtempSync(join(tmpdir(), "klaw-demo-")) : undefined;
	checkPoolSettings(io);
	const modelSettings = readModelSettings(io.env, io.cwd);
	const port = options.port ?? (demo ? 0 : 8787);
	const cluster = new LocalCluster({
		installation: findInstallation(),
		dataDir: temporary ?? resolve(io.cwd, options.data ?? ".klaw"),
		host: options.host,
		port,
		httpsPort: options.httpsPort ?? (port === 0 ? 0 : undefined),
		modelSettings,
		allowLocalNetwork: options.allowLocalNetwork,
		node: options.node && !options.containers && { name: NODE_NAME, capacity: options.nodeCapacity },
		scheduler: io.env.KLAW_SCHEDULER,
		containers: options.containers ? { env: io.env, settings: io.env.KLAW_CONTAINERS ?? JSON.stringify(CONTAINERS) } : undefined,
		log: (line) => io.stderr.write(`${line}\n`),
	});
	const stop = new AbortController();
	const forget = onStop(io, stop, () => cluster.kill());
	try {
		await bringUp(cluster, options, modelSettings, io, stop.signal);
		return await serve(cluster, options, io, stop.signal);
	} catch (error) {
		if (stop.signal.aborted) return demo ? 1 : 0;
		throw error;
	} finally {
		if (stop.signal.aborted) io.stdout.write("Stopping …\n");
		await cluster.stop();
		if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
		forget();
	}
}

async function bringUp(
	cluster: LocalCluster,
	options: UpOptions,
	modelSettings: Readonly<Record<string, string>>,
	io: Io,
	signal: AbortSignal,
): Promise<void> {
	const progress = new Progress(io.stdout);
	const say = (line: string) => {
		progress.clear();
		io.stdout.write(`${line}\n`);
	};
	try {
		await cluster.start(signal, (text) => progress.show(text));
		say(`klaw ${VERSION}: the API server is up, its state is in ${shown(io, cluster.kubeconfig, "..")}`);
		if (options.containers) say("containers are started when sessions need them");
		else if (options.node) {
			progress.show("Waiting for the local node");
			const known = { name: NODE_NAME, logFile: cluster.logFile("node") };
			const node = await untilNodeReady(cluster.client, known, NODE_READY_MS, signal);
			say(`node ${NODE_NAME} is Ready${capacityOf(node)}`);
			const overstated = node.status?.conditions?.find(({ type }) => type === "CapacityOverstated")?.message;
			if (overstated !== undefined) say(overstated);
		}
		for (const name of await createExamples(cluster.client, findInstallation().examples, io)) say(`${name} created`);
		const { items } = await cluster.client.json<KubeList<TaskObject>>(resourcePath(TASK, "default"), { signal });
		const unfinished = items.filter((task) => !isOver(task)).map((task) => task.metadata.name);
		if (unfinished.length > 0)
			say(
				`going on where it was: ${unfinished.slice(0, 5).join(", ")}${unfinished.length > 5 ? ` and ${unfinished.length - 5} more` : ""}`,
			);
		say(`models: ${modelsInUse(modelSettings)}`);
		say(`klaw ready: ${cluster.server}, and for kubectl ${cluster.httpsServer}`);
		if (options.demo !== "only") say(whatNext(cluster, io));
	} finally {
		progress.clear();
	}
}

/** @throws CliError for settings of the pool that are wrong: nobody would look for that in a log */
function checkPoolSettings({ env }: Io): void {
	try {
		containerSettings(env.KLAW_CONTAINERS);
		schedulerConfig(env.KLAW_SCHEDULER);
	} catch (error) {
		throw new CliError(error instanceof Error ? error.message : String(error));
	}
}

function whatNext(cluster: LocalCluster, io: Io): string {
	const found = cluster.kubeconfig === resolve(io.cwd, ".klaw", "kubeconfig");
	const klaw = `npx klaw${found ? "" : ` --kubeconfig ${shown(io, cluster.kubeconfig)}`}`;
	const commands = ["chat", "dispatch --wait '$ uname -a'", "get tasks"].map((command) => `  ${klaw} ${command}\n`);
	return `\n${commands.join("")}\n  kubeconfig: ${shown(io, cluster.kubeconfig)}\n`;
}

/** The first task, if it is wanted, and then, unless that was all, nothing until the signal. */
async function serve(cluster: LocalCluster, options: UpOptions, io: Io, signal: AbortSignal): Promise<number> {
	if (options.demo === "only") return runDemo(cluster, io, signal);
	if (options.demo === "first" && (options.node || options.containers)) {
		try {
			const { done, task } = await showFirstTask(cluster, false, io, signal);
			if (done === "now") io.stdout.write(`first task: ${task?.status?.phase ?? "Unknown"}\n`);
		} catch (error) {
			// Whoever has changed the agent may well have made this fail: klaw serves all the same.
			if (!signal.aborted) io.stderr.write(`The first task could not be run. ${sentence(error)}\n`);
		}
	}
	if (signal.aborted) return 0;
	io.stdout.write("Serving. Ctrl-C stops klaw.\n");
	await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
	return 0;
}

async function runDemo(cluster: LocalCluster, io: Io, signal: AbortSignal): Promise<number> {
	const { task } = await showFirstTask(cluster, true, io, signal);
	if (signal.aborted) return 1;
	const { phase = "Failed", message = "" } = task?.status ?? {};
	if (phase === "Succeeded") {
		io.stdout.write("demo: Succeeded\n");
		return 0;
	}
	const over = task !== undefined && isOver(task);
	io.stderr.write(`demo: ${phase}: ${over ? message : `The task was not over after ${DEMO_MS / 1000} s.`}\n`);
	return 1;
}

function showFirstTask(cluster: LocalCluster, again: boolean, io: Io, signal: AbortSignal): Promise<FirstTask> {
	const limit = AbortSignal.any([signal, AbortSignal.timeout(DEMO_MS)]);
	return runFirstTask(cluster.client, again, limit, new Screen(io.stdout, { style: styleFor(io.stdout, io.env), prompts: true }));
}

/** The first interrupt stops in order; a second one does not wait for it. */
function onStop(io: Io, stop: AbortController, kill: () => void): () => void {
	let first: number | undefined;
	return io.onInterrupt(() => {
		first ??= Date.now();
		if (Date.now() - first > SAME_INTERRUPT_MS) kill();
		stop.abort();
	});
}

function capacityOf(node: NodeObject): string {
	const { cpu, memory, pods } = node.status?.capacity ?? {};
	if (cpu === undefined || memory === undefined) return "";
	return `: ${cpu} cpu, ${(parseQuantity(memory) / 2 ** 30).toFixed(1)} GiB memory, ${pods} sessions at once`;
}

/** A path as one would type it here. */
function shown(io: Io, ...path: string[]): string {
	const whole = resolve(io.cwd, ...path);
	const short = relative(io.cwd, whole);
	return short.startsWith("..") || short === "" ? whole : short;
}
