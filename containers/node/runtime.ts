import { randomUUID } from "node:crypto";
import { mkdirSync, realpathSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import pkg from "../../package.json" with { type: "json" };
import { Calls } from "./calls.ts";
import { lockDataDir } from "./data-lock.ts";
import { Execs, isExec } from "./exec/execs.ts";
import { errorCode, explainError } from "./explain-error.ts";
import { loadIdentity, saveIdentity } from "./identity.ts";
import { Journal } from "./journal.ts";
import { Link } from "./link.ts";
import { machineCapacity } from "./machine.ts";
import { type Capacity, PROTOCOL_VERSION } from "./protocol.ts";
import { callRunner } from "./run-call.ts";
import { Stats } from "./stats/stats.ts";
import { TIMING, type Timing } from "./timing.ts";
import { Workspaces } from "./workspace/workspaces.ts";

export interface NodeOptions {
	/** `http(s)://` or `ws(s)://` address of the server; a path in it is kept. */
	url: string;
	/** The join token. It is sent to the server and goes nowhere else. */
	token: string;
	/** The node's name in the cluster. */
	name: string;
	/** Holds the node's identity, the journal of its calls and the workspaces. Made if it is missing. */
	dataDir: string;
	labels?: Record<string, string>;
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
	const url = linkUrl(options.url, options.name);
	try {
		mkdirSync(options.dataDir, { recursive: true });
		const dataDir = realpathSync(options.dataDir);
		const unlock = await lockDataDir(dataDir);
		try {
			const { link, parts } = assemble(url, dataDir, options);
			return run(link, options.signal, async () => {
				await Promise.all(parts.map((part) => part.close()));
				unlock();
			});
		} catch (error) {
			unlock();
			throw error;
		}
	} catch (error) {
		if (errorCode(error) === undefined) throw error;
		throw new Error(explainError(error, `the data directory ${options.dataDir}`), { cause: error });
	}
}

function assemble(url: URL, dataDir: string, options: NodeOptions): { link: Link; parts: { close(): void | Promise<void> }[] } {
	const { name, token, labels = {}, log = () => undefined } = options;
	const timing = { ...TIMING, ...options.timing };
	const identity = loadIdentity(dataDir);
	const workspaces = new Workspaces(join(dataDir, "workspaces"), timing.killGraceMs);
	const calls = new Calls({
		journal: new Journal(join(dataDir, "calls"), log),
		run: callRunner({ workspaces, timing, log }),
		workspaces,
		incarnation: identity.incarnation,
		send: (frame) => link.send(frame),
		timing,
		log,
	});
	const execs = new Execs({
		...{ dataDir, workspaces, graceMs: timing.killGraceMs, log },
		incarnation: () => identity.incarnation ?? 0,
		send: (frame) => link.send(frame),
		sendData: (frame) => link.sendData(frame),
	});
	const stats = new Stats({ dataDir, now: Date.now, sampleMs: timing.sampleMs });
	const link = new Link({
		...{ url, token, timing, log, random: Math.random },
		hello: () => ({
			...{ v: PROTOCOL_VERSION, type: "hello", id: randomUUID(), incarnation: identity.incarnation ?? 0 },
			node: {
				...{ name, uid: identity.uid, version: pkg.version, os: platform(), arch: arch(), labels },
				capacity: { ...machineCapacity(), ...options.capacity },
			},
			calls: calls.list(),
		}),
		welcome: async (incarnation) => {
			await calls.adopt(incarnation);
			log(`Joined as node ${name}, incarnation ${incarnation}.`);
			if (identity.incarnation === incarnation) return;
			identity.incarnation = incarnation;
			saveIdentity(dataDir, identity);
		},
		receive: async (frame) => {
			if (frame.type === "stats") link.send({ ...frame, type: "stats-report", stats: stats.report() });
			else if (isExec(frame)) execs.receive(frame);
			else await calls.receive(frame);
		},
		receiveData: (frame) => execs.receiveData(frame),
		lost: () => execs.lost(),
	});
	return { link, parts: [calls, execs, stats] };
}

function run(link: Link, signal: AbortSignal | undefined, close: () => Promise<void>): NodeHandle {
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

/** @throws Error with a sentence */
function linkUrl(base: string, name: string): URL {
	let url: URL;
	try {
		url = new URL(base);
	} catch {
		throw new Error(`"${base}" is not the address of a klaw server. Give one such as https://klaw.example.com.`);
	}
	const protocol = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" }[url.protocol];
	if (!protocol) throw new Error(`"${base}" is not the address of a klaw server: it begins with neither http:// nor https://.`);
	url.protocol = protocol;
	url.pathname = `${url.pathname.replace(/\/$/, "")}/api/v1/nodes/${encodeURIComponent(name)}/link`;
	return url;
}
