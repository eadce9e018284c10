import { decodeData } from "../../containers/node/exec/protocol.ts";
import { PROTOCOL_VERSION } from "../../containers/node/protocol.ts";
import type { LinkHandlers } from "../../durable-objects/node/link.ts";
import { Machine } from "../../durable-objects/node/machine.ts";
import { MemoryLink } from "../../durable-objects/node/memory-link.ts";
import { NodeStorage } from "../../durable-objects/node/node-storage.ts";
import { Reports } from "../../durable-objects/node/reports.ts";
import { memorySql } from "../fakes/sqlite.ts";
import type { Heard, LinkWorld } from "./contract.ts";
import { MemoryNode } from "./memory-node.ts";

const name = "node-1";

/** The core of a node's object over a link in memory, with everything around it in this process too. */
export class MemoryWorld implements LinkWorld {
	readonly name = name;
	readonly storage = new NodeStorage(memorySql());
	readonly reports: Reports;
	readonly machine: Machine;
	readonly #heard: Heard[] = [];
	readonly #execs = new Map<string, { stdout: string; done: (exitCode: number | undefined) => void }>();
	readonly node = new MemoryNode(name, () => this.#ended || setTimeout(() => this.connect(), 20));
	#link: MemoryLink | undefined;
	#refuses = false;
	#ended = false;

	constructor() {
		const { storage } = this;
		const dispatcher = (type: "left" | "lost" | "replaced" | "failed") => async (_: string, incarnation: unknown) =>
			void this.#heard.push({ who: "dispatcher", type, ...(typeof incarnation === "number" && { incarnation }) });
		this.reports = new Reports({
			...{ name, storage, now: Date.now, random: Math.random },
			dispatcher: () => ({
				nodeJoined: async ({ incarnation, source }) => void this.#heard.push({ who: "dispatcher", type: "joined", incarnation, source }),
				...{ nodeLeft: dispatcher("left"), nodeLost: dispatcher("lost"), nodeReplaced: dispatcher("replaced") },
				containerFailed: dispatcher("failed"),
			}),
			wakeSession: async (session) => void this.#heard.push({ who: "session", session, type: "ready" }),
			joined: () => this.machine.identity(),
		});
		this.machine = new Machine({
			...{ name, storage, reports: this.reports, now: Date.now },
			links: () => (this.#link ? [this.#link] : []),
			sessions: (session) => ({
				nodeOutput: async ({ callId, text }) => void this.#heard.push({ who: "session", session, type: "output", callId, text }),
				nodeResult: async ({ callId, incarnation, result, keeps }) => {
					this.#heard.push({ who: "session", session, type: "result", callId, incarnation, result, ...(keeps !== undefined && { keeps }) });
					if (this.#refuses) throw new Error("The session takes no results now.");
				},
				callWaiting: async () => undefined,
				checkpointMade: async () => undefined,
			}),
			exec: {
				fromNode: (frame) => frame.type === "exec-exit" && this.#execs.get(frame.id)?.done(frame.exitCode),
				dataFromNode: (frame) => this.#output(frame),
				nodeLost: () => undefined,
			},
			blobs: { allow: () => undefined, forget: () => undefined, put: async () => undefined, get: async () => undefined },
			...{ containerLost: () => undefined, rearm: () => undefined },
		});
	}

	/** The machine dials. */
	connect(): void {
		const handlers: LinkHandlers = { message: (...said) => this.machine.message(...said), lost: (link) => this.machine.lost(link) };
		const link = new MemoryLink(handlers, this.node, Date.now);
		this.#link = link;
		this.node.connected((message) => link.fromPeer(message));
	}

	incarnation = async () => this.machine.heartbeat().incarnation;
	call: LinkWorld["call"] = async (call) => this.machine.call(call);
	stop: LinkWorld["stop"] = async (order) => this.machine.stop(order);
	stats = () => this.machine.stats();
	heartbeat = async () => this.machine.heartbeat();
	heard = async () => this.#heard;

	async exec(command: string[]) {
		const id = crypto.randomUUID();
		const incarnation = await this.incarnation();
		const run = { stdout: "", done: (_: number | undefined): void => undefined };
		this.#execs.set(id, run);
		const exitCode = new Promise<number | undefined>((resolve) => {
			run.done = resolve;
		});
		const frame = { v: PROTOCOL_VERSION, id, incarnation, session: "default/s", workspace: "s", command };
		this.machine.send({ ...frame, type: "exec", stdin: false, tty: false });
		return { exitCode: await exitCode, stdout: run.stdout };
	}

	async refuseResults(refuse: boolean): Promise<void> {
		this.#refuses = refuse;
	}

	async cut(): Promise<void> {
		this.#link?.cut();
	}

	async end(): Promise<void> {
		this.#ended = true;
		this.node.stop();
	}

	#output(frame: Uint8Array): void {
		const data = decodeData(frame);
		const run = data && this.#execs.get(data.id);
		if (run) run.stdout += new TextDecoder().decode(data.bytes);
	}
}
