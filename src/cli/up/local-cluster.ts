import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../../containers/node/explain-error.ts";
import { makeDirectory, usableDirectory } from "../../../containers/node/usable-directory.ts";
import { ApiClient } from "../api-client.ts";
import { CliError } from "../errors.ts";
import { type KeyPair, loadCertificates } from "./certificates.ts";
import { type Child, stopChild } from "./child.ts";
import { Children, killLeftovers } from "./children.ts";
import { type ContainerEngine, prepareContainers, removeContainers } from "./container-engine.ts";
import { Docker, firstLine } from "./docker.ts";
import type { Installation } from "./installation.ts";
import { newJoinToken } from "./join-token.ts";
import { keepRunning } from "./keep-running.ts";
import { writeLocalKubeconfig } from "./local-kubeconfig.ts";
import { lockDataDir } from "./lock.ts";
import { rotateLog } from "./log-file.ts";
import { checkPort, isFree } from "./port.ts";
import { serverNames } from "./server-names.ts";
import { startNode } from "./start-node.ts";
import { type Ports, startWorkerd } from "./start-workerd.ts";
import { loadTokens } from "./tokens.ts";
import { untilHealthy } from "./until-ready.ts";

export interface LocalClusterOptions {
	installation: Installation;
	dataDir: string;
	host: string;
	/** For plain HTTP. 0: any free one. */
	port: number;
	/** 0: any free one. Absent: {@link HTTPS_PORT}, or any free one when that is taken. */
	httpsPort: number | undefined;
	/** Keys, base URLs and the default model. */
	modelSettings: Readonly<Record<string, string>>;
	allowLocalNetwork: boolean;
	/** Capacity for the local node; `undefined`: what the machine has. `false`: no local node. */
	node: { name: string; capacity: string | undefined } | false;
	/** Nodes are containers; absent: none are started. */
	containers?: LocalContainers | undefined;
	/** As the variable `KLAW_SCHEDULER`. */
	scheduler?: string | undefined;
	/** Told what happens, a line at a time. */
	log(line: string): void;
}

export interface LocalContainers {
	/** Says where the container engine is: see `Docker` and `prepareContainers`. */
	env: Readonly<Record<string, string | undefined>>;
	/** As the variable `KLAW_CONTAINERS`. */
	settings: string;
}

/** Where kubectl is served unless the user says otherwise. */
export const HTTPS_PORT = 8443;
/** How long the API server may take to be there. */
const START_MS = 30_000;
/**
 * How long each may take to stop. The node lets go of its connection and its data directory. workerd would wait for
 * every client that still reads a stream, and has nothing to lose: whatever it has acknowledged is on disk.
 */
const STOP_MS = { node: 3_000, workerd: 300 };

/**
 * workerd with the Worker, and one node, as processes that end with this one. Whatever an earlier start left behind is
 * cleared away first; nothing is started when the directory or the port is taken.
 */
export class LocalCluster {
	readonly #options: LocalClusterOptions;
	readonly #stopping = new AbortController();
	readonly #children: Children;
	readonly #runDir: string;
	readonly #docker: Docker | undefined;
	#engine: ContainerEngine | undefined;
	#watches: { current(): Child; done: Promise<void>; patienceMs: number }[] = [];
	/** Lets go of the data directory; absent while it is not ours. */
	#unlock: (() => void) | undefined;
	#server = "";
	#httpsServer = "";
	#adminToken = "";

	constructor(options: LocalClusterOptions) {
		this.#options = options;
		this.#docker = options.containers && new Docker(options.containers.env);
		this.#runDir = join(options.dataDir, "run");
		this.#children = new Children(join(this.#runDir, "children.json"));
	}

	/** URL for whoever may speak plain HTTP: curl, the browser, nodes. */
	get server(): string {
		return this.#server;
	}

	/** URL of the same for kubectl and all that is built like it. */
	get httpsServer(): string {
		return this.#httpsServer;
	}

	get kubeconfig(): string {
		return join(this.#options.dataDir, "kubeconfig");
	}

	get client(): ApiClient {
		return new ApiClient({ server: this.#server, token: this.#adminToken, namespace: "default", source: this.kubeconfig });
	}

	/**
	 * @param progress told what takes its time
	 * @throws CliError with a sentence; then nothing is left running.
	 */
	async start(signal: AbortSignal, progress: (text: string) => void = () => undefined): Promise<void> {
		const { dataDir, host, port, httpsPort, log } = this.#options;
		makePrivateDir(dataDir);
		this.#unlock = await lockDataDir(join(this.#runDir, "holders"));
		progress("Starting workerd");
		try {
			const leftovers = await killLeftovers(join(this.#runDir, "children.json"));
			if (leftovers.length > 0) log(`Stopped what the last start left running: ${leftovers.join(", ")}.`);
			await this.#prepareContainers(progress, signal);
			await this.#removeContainers("Removed the containers that the last start left behind");
			if (port !== 0) await checkPort(host, port, "--port");
			if (httpsPort !== undefined && httpsPort !== 0) await checkPort(host, httpsPort, "--https-port");
			const certificates = await loadCertificates(join(dataDir, "tls"), serverNames(host));
			const tokens = loadTokens(join(dataDir, "tokens.json"));
			this.#adminToken = tokens.admin;
			await this.#startWorkerd(certificates.server, {
				http: port,
				https: httpsPort ?? ((await isFree(host, HTTPS_PORT)) && port !== HTTPS_PORT ? HTTPS_PORT : 0),
			});
			await untilHealthy(this.#server, START_MS, signal);
			await writeLocalKubeconfig(this.kubeconfig, { server: this.#httpsServer, ca: certificates.ca, token: tokens.admin });
			await this.#startNode();
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	/** Stops the node, then workerd, and waits for both. Does nothing when there is nothing of ours to stop. */
	async stop(): Promise<void> {
		const unlock = this.#unlock;
		if (!unlock) return;
		this.#unlock = undefined;
		this.#stopping.abort();
		for (const watch of this.#watches.toReversed()) {
			await stopChild(watch.current(), watch.patienceMs);
			await watch.done;
			// One that was just being started again.
			await stopChild(watch.current(), watch.patienceMs);
		}
		await this.#removeContainers();
		this.#children.clear();
		rmSync(join(this.#runDir, "join-token"), { force: true });
		unlock();
	}

	async #prepareContainers(progress: (text: string) => void, signal: AbortSignal): Promise<void> {
		const { containers, installation, dataDir } = this.#options;
		if (!containers || !this.#docker) return;
		this.#engine = await prepareContainers({ docker: this.#docker, installation, dataDir, env: containers.env, progress, signal });
		progress("Starting workerd");
	}

	/** Those of this data directory. @param what said when there were any */
	async #removeContainers(what?: string): Promise<void> {
		const { dataDir, log } = this.#options;
		if (!this.#engine || !this.#docker) return;
		try {
			const count = await removeContainers(this.#docker, dataDir);
			if (count > 0 && what !== undefined) log(`${what}.`);
		} catch (error) {
			log(`Containers of ${dataDir} may be left: ${firstLine(error)}. Look for them with: docker ps`);
		}
	}

	/** For whoever cannot wait for {@link stop}. */
	kill(): void {
		for (const watch of this.#watches) watch.current().kill("SIGKILL");
	}

	async #startWorkerd(keypair: KeyPair, wanted: Ports): Promise<void> {
		const { installation, dataDir, host, allowLocalNetwork, modelSettings, containers, scheduler } = this.#options;
		const logFile = this.logFile("workerd");
		rotateLog(logFile);
		const variables: Record<string, string> = { ...modelSettings, KLAW_ADMIN_TOKEN: this.#adminToken };
		if (containers) variables.KLAW_CONTAINERS = containers.settings;
		if (scheduler !== undefined) variables.KLAW_SCHEDULER = scheduler;
		if (allowLocalNetwork) variables.KLAW_ALLOW_LOCAL_NETWORK = "true";
		let ports = wanted;
		const start = async () => {
			const options = { installation, dataDir, runDir: this.#runDir, logFile, host, ports, keypair, variables, allowLocalNetwork };
			const child = await startWorkerd({ ...options, containers: this.#engine });
			this.#children.record("workerd", child.pid, "workerd");
			// Clients and the node know these ports by now: a workerd that is started again has to have them too.
			ports = child.ports;
			return child;
		};
		const first = await start();
		const name = host === "0.0.0.0" ? "127.0.0.1" : host;
		this.#server = `http://${name}:${ports.http}`;
		this.#httpsServer = `https://${name}:${ports.https}`;
		this.#watch("workerd", { first, start }, STOP_MS.workerd);
	}

	async #startNode(): Promise<void> {
		const { installation, dataDir, node } = this.#options;
		if (node === false) return;
		const logFile = this.logFile("node");
		rotateLog(logFile);
		const start = async () => {
			const options = { program: installation.node, server: this.#server, dataDir, runDir: this.#runDir, logFile };
			const child = await startNode({ ...options, ...node, joinToken: () => newJoinToken(this.client, node.name) });
			this.#children.record("node", child.pid, installation.node);
			return child;
		};
		const first = await start();
		this.#watch("node", { first, start }, STOP_MS.node);
	}

	#watch(name: "workerd" | "node", child: { first: Child; start(): Promise<Child> }, patienceMs: number): void {
		const { signal } = this.#stopping;
		const watch = keepRunning({ ...child, name: `${name} (see ${this.logFile(name)})`, signal, log: this.#options.log });
		this.#watches.push({ ...watch, patienceMs });
	}

	/** Where `workerd` or `node` says what it has to say. */
	logFile(name: "workerd" | "node"): string {
		const dir = join(this.#options.dataDir, "logs");
		mkdirSync(dir, { recursive: true });
		return join(dir, `${name}.log`);
	}
}

/** What nobody else may look into. */
const PRIVATE = ["run", "state", "checkpoints", "logs"];
const OWNER_ONLY = 0o700;
/** Others may pass through to what they know the name of, as far as that lets them. */
const PASSAGE = 0o711;

/**
 * Root's sessions run as users of their own on the local node, which have to get to their workspaces below `node`; so there
 * the directory itself may be passed through, and everything else in it is private.
 */
function makePrivateDir(dir: string): void {
	try {
		usableDirectory(dir, { what: "data directory", flag: "--data" });
		for (const name of PRIVATE) {
			makeDirectory(join(dir, name));
			chmodSync(join(dir, name), OWNER_ONLY);
		}
		chmodSync(dir, process.getuid?.() === 0 ? PASSAGE : OWNER_ONLY);
	} catch (error) {
		if (errorCode(error) === undefined) throw error;
		throw new CliError(
			`The data directory ${dir} cannot be used: ${error instanceof Error ? error.message : String(error)}. Choose another one with --data DIR.`,
		);
	}
}
