import { randomUUID } from "node:crypto";
import { join } from "node:path";
import pkg from "../../package.json" with { type: "json" };
import { Calls } from "./calls.ts";
import { Checkpoints } from "./checkpoint/checkpoints.ts";
import { keptCalls } from "./checkpoint/kept-calls.ts";
import { KeptExecs } from "./checkpoint/kept-execs.ts";
import { isBlobAnswer, LinkBlobs } from "./checkpoint/link-blobs.ts";
import { BLOB_FRAME } from "./checkpoint/protocol.ts";
import type { Handlers } from "./connection.ts";
import { lockDataDir } from "./data-lock.ts";
import { Execs, isExec } from "./exec/execs.ts";
import { errorCode, explainError } from "./explain-error.ts";
import { loadIdentity, saveIdentity } from "./identity.ts";
import { Journal } from "./journal.ts";
import { Link } from "./link.ts";
import { machineCapacity, readText } from "./machine.ts";
import { machineFacts, standardLabels } from "./machine-facts.ts";
import { Membership } from "./membership.ts";
import { checkNodeName } from "./node-name.ts";
import { overstated } from "./overstated.ts";
import { type Capacity, FEATURES, type NodeTaint, PROTOCOL_VERSION, type ToServer } from "./protocol.ts";
import { callRunner } from "./run-call.ts";
import type { RuntimeLink } from "./runtime-link.ts";
import { chooseSandbox } from "./sandbox/choose-sandbox.ts";
import type { Places } from "./sandbox/places.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { Serve } from "./serve.ts";
import { type ServerUrls, serverUrls } from "./server-url.ts";
import { statsScope } from "./stats/scope.ts";
import { Stats } from "./stats/stats.ts";
import { TIMING, type Timing } from "./timing.ts";
import { usableDirectory } from "./usable-directory.ts";
import { whenKnown } from "./when-known.ts";
import { restHandler } from "./workspace/rest.ts";
import { Workspaces } from "./workspace/workspaces.ts";

export interface NodeOptions {
	/** `http(s)://` or `ws(s)://` address of the server; a path in it is kept. Absent: {@link NodeOptions.listen}. */
	url?: string | undefined;
	/** The server dials this node, on this port; 0: any free one. See `serve.ts`. */
	listen?: number | undefined;
	/** SHA-256, in hex, of the key that the server shows; nobody gets in without one. */
	keySha256?: string | undefined;
	/** Certificates, in PEM form, of the authority that the server's is to be of; absent: one that Node trusts. */
	ca?: string | undefined;
	/**
	 * The join token, or what gets it when it is needed: a machine that has joined before has a credential in its data
	 * directory. It is sent to the server and goes nowhere else.
	 */
	token?: string | (() => string);
	/** The node's name in the cluster. */
	name: string;
	/** Holds the node's identity, the journal of its calls and the workspaces. Made if it is missing. */
	dataDir: string;
	/** Where the workspaces are; absent: in the data directory. Made if it is missing. */
	workspaceRoot?: string | undefined;
	labels?: Record<string, string>;
	/** Put on the node when it first joins. */
	taints?: NodeTaint[];
	/** What is left out is what the machine has. */
	capacity?: Partial<Capacity>;
	log?: (line: string) => void;
	/** Stops the node, like {@link NodeHandle.stop}. */
	signal?: AbortSignal;
	/** For tests. */
	timing?: Partial<Timing>;
}

export interface NodeHandle {
	/** Disconnects and lets go of the data directory. Running commands go on; the next runtime finds them. */
	stop(): Promise<void>;
	/** How many calls have no result yet. Those of a node that was stopped go on. */
	calls(): number;
	/** Resolves when the node was stopped. Rejects with a sentence when the server will never have it. */
	done: Promise<void>;
}

/**
 * Starts the runtime of a node. It dials until the server is there, so it resolves before the node has joined.
 *
 * @throws Error with a sentence when the address is none, or the data directory cannot be used
 * @example
 * const node = await startNode({ url: "http://127.0.0.1:8787", token, name: "local", dataDir: ".klaw/node" });
 */
export async function startNode(options: NodeOptions): Promise<NodeHandle> {
	checkNodeName(options.name);
	const urls = options.listen === undefined ? serverUrls(options.url ?? "", options.name) : undefined;
	try {
		const dataDir = usableDirectory(options.dataDir, { what: "data directory", flag: "--data" });
		const unlock = await lockDataDir(dataDir);
		try {
			const root = { what: "workspace root", flag: "--workspace-root" };
			const workspaces = usableDirectory(options.workspaceRoot ?? join(dataDir, "workspaces"), root);
			const { sandbox, line } = await chooseSandbox({ dataDir, workspaces }, (line) => options.log?.(line));
			options.log?.(line);
			const { link, calls, parts } = assemble(urls, { dataDir, workspaces }, sandbox, options);
			const running = run(link, options.signal, async () => {
				await Promise.all(parts.map((part) => part.close()));
				unlock();
			});
			return { ...running, calls: () => calls.running() };
		} catch (error) {
			unlock();
			throw error;
		}
	} catch (error) {
		if (errorCode(error) === undefined) throw error;
		throw new Error(explainError(error, `the data directory ${options.dataDir}`), { cause: error });
	}
}

function assemble(
	urls: ServerUrls | undefined,
	{ dataDir, workspaces: workspaceRoot }: Places,
	sandbox: Sandbox,
	options: NodeOptions,
): { link: RuntimeLink; calls: Calls; parts: { close(): void | Promise<void> }[] } {
	const { name, token, ca, labels = {}, taints = [], log = () => undefined } = options;
	const timing = { ...TIMING, ...options.timing };
	const identity = loadIdentity(dataDir);
	const workspaces = new Workspaces(workspaceRoot, timing.killGraceMs, sandbox, dataDir);
	const machine = machineCapacity(workspaceRoot);
	const capacity = { ...machine, ...options.capacity };
	const tooMuch = overstated(capacity, machine);
	if (tooMuch !== "")
		log(`This node offers more than its machine has: ${tooMuch}. Sessions that use all of it are slowed down, or killed. Mend --capacity.`);
	const send = (frame: ToServer) => link.send(frame);
	const sendData = (frame: Uint8Array) => link.sendData(frame);
	const incarnation = () => identity.incarnation ?? 0;
	const blobs = new LinkBlobs({ send, sendData, incarnation, timing, random: Math.random });
	const checkpoints = new Checkpoints({
		dir: join(dataDir, "checkpoints"),
		blobs: (user) => blobs.client(user),
		quiet: (root) => workspaces.quiet(root),
		now: Date.now,
		log,
	});
	const calls = new Calls({
		journal: new Journal(join(dataDir, "calls"), log),
		run: keptCalls({ run: callRunner({ workspaces, timing, log }), checkpoints, workspaces, send, timing, log }),
		workspaces: {
			remove: (name) => workspaces.remove(name, () => checkpoints.forget(name)),
			killAll: () => workspaces.killAll(),
		},
		incarnation: identity.incarnation,
		send,
		timing,
		log,
	});
	const kept = new KeptExecs({ checkpoints, send, incarnation, log });
	const execs = new Execs({ dataDir, workspaces, kept, graceMs: timing.killGraceMs, log, incarnation, send, sendData });
	const rest = restHandler({ workspaces, execs, incarnation, send });
	const scope = statsScope(capacity, machine, readText);
	const stats = new Stats({ dataDir, owners: () => workspaces.owners(), scope, read: readText, now: Date.now, sampleMs: timing.sampleMs });
	const handlers: Handlers = {
		hello: () => {
			const facts = machineFacts(readText);
			return {
				...{ v: PROTOCOL_VERSION, type: "hello", id: randomUUID(), incarnation: identity.incarnation ?? 0 },
				node: {
					...{ name, uid: identity.uid, version: pkg.version, ...facts, capacity, taints, isolation: sandbox.isolation },
					labels: { ...labels, ...standardLabels(facts, name) },
					features: [...FEATURES],
					detected: machine,
				},
				calls: calls.list(),
				execs: execs.list(),
			};
		},
		welcome: async (incarnation) => {
			await calls.adopt(incarnation);
			blobs.connected();
			log(`Joined as node ${name}, incarnation ${incarnation}.`);
			if (identity.incarnation !== incarnation) {
				identity.incarnation = incarnation;
				saveIdentity(dataDir, identity);
			}
			execs.welcome();
		},
		receive: async (frame) => {
			if (frame.type === "stats") link.send({ ...frame, type: "stats-report", stats: stats.report() });
			else if (isExec(frame)) execs.receive(frame);
			else if (frame.type === "rest") await rest(frame);
			else if (isBlobAnswer(frame)) blobs.receive(frame);
			else {
				// Of a call, or of the end of a person's command.
				if (frame.type === "ack") execs.heard(frame.id);
				await calls.receive(frame);
			}
		},
		receiveData: (frame) => (frame[0] === BLOB_FRAME ? blobs : execs).receiveData(frame),
		lost: () => execs.lost(),
		deleted: async () => {
			const ended = await calls.end();
			log(`Node ${name} was deleted, so nothing of its sessions runs here any more. Calls that were ended: ${ended}.`);
		},
	};
	const startedAt = Date.now();
	const dialling = (urls: ServerUrls) =>
		new Link({
			...{ ...handlers, url: urls.link, ca, timing, log, random: Math.random },
			membership: new Membership({
				...{ dataDir, urls, name, uid: identity.uid, version: pkg.version, token, ca, log },
				whenKnown: whenKnown(name, taints, labels),
				patienceMs: timing.heartbeatLostMs,
			}),
		});
	const link: RuntimeLink = urls
		? dialling(urls)
		: new Serve({
				...{ ...handlers, port: options.listen ?? 0, keySha256: options.keySha256 ?? "", timing, log },
				ready: () => ({ name, uid: identity.uid, incarnation: identity.incarnation, version: pkg.version, startedAt }),
			});
	return { link, calls, parts: [calls, execs, stats] };
}

function run(link: RuntimeLink, signal: AbortSignal | undefined, close: () => Promise<void>): Omit<NodeHandle, "calls"> {
	const stopping = new AbortController();
	const stop = () => stopping.abort();
	if (signal?.aborted) stop();
	signal?.addEventListener("abort", stop, { once: true });
	const done = link.run(stopping.signal).finally(() => {
		signal?.removeEventListener("abort", stop);
		return close();
	});
	// Whoever only calls `stop` is told there.
	done.catch(() => undefined);
	return {
		done,
		stop: () => {
			stop();
			return done;
		},
	};
}
