import { encodeData, STDOUT } from "../../containers/node/exec/protocol.ts";
import {
	type Hello,
	type NodeToolResult,
	PROTOCOL_VERSION,
	parseFrame,
	type ToNode,
	type ToServer,
	toNodeSchema,
} from "../../containers/node/protocol.ts";
import type { LinkMessage } from "../../durable-objects/node/link.ts";
import type { MemoryPeer } from "../../durable-objects/node/memory-link.ts";

interface Entry {
	session: string;
	incarnation: number;
	startedAt: number;
	timers: ReturnType<typeof setTimeout>[];
	shown: string;
	result?: NodeToolResult;
}

const RESEND_MS = 50;

/** A machine without a machine: it speaks the node protocol, keeps its calls in memory, and knows `echo` and `sleep`. */
export class MemoryNode implements MemoryPeer {
	readonly #name: string;
	readonly #calls = new Map<string, Entry>();
	readonly #acknowledged = new Set<string>();
	readonly #resend = setInterval(() => this.#sendResults(), RESEND_MS);
	readonly #lost: () => void;
	#send: (message: LinkMessage) => void = () => undefined;
	#incarnation = 0;
	/** What it says in its hello that it can. */
	features: string[] | undefined = ["checkpoints", "rest"];
	/** Frames that it was told, by type and id, such as `rest s`. */
	readonly told: string[] = [];
	/** It does what it is told to let rest or to forget, and says so. */
	obeys = true;

	/** @param lost the connection has ended, and a new one may be given */
	constructor(name: string, lost: () => void) {
		this.#name = name;
		this.#lost = lost;
	}

	/** Takes a new connection, and says hello. */
	connected(send: (message: LinkMessage) => void): void {
		this.#send = send;
		const capacity = { cpu: 1, memory: 2 ** 30, slots: 4 };
		const node = {
			name: this.#name,
			uid: "memory",
			version: "1",
			os: "linux",
			arch: "x64",
			capacity,
			labels: {},
			taints: [],
			addresses: [],
			...(this.features && { features: this.features }),
		};
		const calls = [...this.#calls].map(([callId, { session, result }]) => ({
			...{ callId, session },
			state: result ? ("finished" as const) : ("running" as const),
		}));
		const hello: Hello = { v: PROTOCOL_VERSION, type: "hello", id: "hello", incarnation: this.#incarnation, node, calls };
		this.#say(hello);
	}

	hear(message: LinkMessage): void {
		const frame = typeof message === "string" ? parseFrame(toNodeSchema, message) : undefined;
		if (frame) this.#take(frame);
	}

	ended(): void {
		this.#send = () => undefined;
		this.#lost();
	}

	stop(): void {
		clearInterval(this.#resend);
		for (const { timers } of this.#calls.values()) for (const timer of timers) clearTimeout(timer);
	}

	#take(frame: ToNode): void {
		const { id } = frame;
		this.told.push(`${frame.type} ${id}`);
		if (frame.type === "welcome") {
			// What an earlier incarnation was given is killed and forgotten.
			for (const [callId, { incarnation }] of this.#calls) if (incarnation !== frame.incarnation) this.#forget(callId);
			this.#incarnation = frame.incarnation;
			this.#sendResults();
		}
		if (frame.incarnation !== this.#incarnation) return;
		switch (frame.type) {
			case "call":
				if (!this.#calls.has(id) && !this.#acknowledged.has(id)) this.#run(id, frame.session, String(frame.arguments.command));
				this.#sendResults();
				break;
			case "cancel":
				this.#cancel(id, frame.reason);
				break;
			case "ack":
				this.#acknowledged.add(id);
				this.#forget(id);
				break;
			case "rest":
				if (this.obeys) this.#say({ ...this.#head(id), type: "rested" });
				break;
			case "forget":
				if (this.obeys) this.#say({ ...this.#head(id), type: "forgotten" });
				break;
			case "stats": {
				const stats = { at: 0, windowMs: 0, node: { cpu: 0, memory: 1 }, workspaces: [] };
				this.#say({ ...this.#head(id), type: "stats-report", stats });
				break;
			}
			case "exec": {
				const bytes = new TextEncoder().encode(`${frame.command.slice(1).join(" ")}\n`);
				this.#say({ ...this.#head(id), type: "exec-started" });
				this.#send(encodeData({ id, channel: STDOUT, bytes }));
				this.#say({ ...this.#head(id), type: "exec-exit", exitCode: 0 });
			}
		}
	}

	#cancel(callId: string, reason: string): void {
		const entry = this.#calls.get(callId);
		if (!entry) this.#say({ ...this.#head(callId), type: "cancelled" });
		else if (!entry.result) this.#finish(entry, `Killed: ${reason}`, true);
	}

	#run(callId: string, session: string, command: string): void {
		const entry: Entry = { session, incarnation: this.#incarnation, startedAt: Date.now(), timers: [], shown: "" };
		this.#calls.set(callId, entry);
		let at = 0;
		for (const [word = "", argument = ""] of command.split("; ").map((part) => part.split(" "))) {
			if (word === "sleep") at += Number(argument) * 1_000;
			else entry.timers.push(setTimeout(() => this.#show(callId, entry, `${argument}\n`), at));
		}
		entry.timers.push(setTimeout(() => this.#finish(entry, entry.shown, false), at + 1));
	}

	#show(id: string, entry: Entry, text: string): void {
		this.#say({ ...this.#head(id), type: "output", session: entry.session, offset: entry.shown.length, text });
		entry.shown += text;
	}

	#finish(entry: Entry, content: string, isError: boolean): void {
		for (const timer of entry.timers) clearTimeout(timer);
		entry.result = { content, isError, durationMs: Date.now() - entry.startedAt };
		this.#sendResults();
	}

	#forget(callId: string): void {
		for (const timer of this.#calls.get(callId)?.timers ?? []) clearTimeout(timer);
		this.#calls.delete(callId);
	}

	#sendResults(): void {
		for (const [id, { session, result }] of this.#calls) if (result) this.#say({ ...this.#head(id), type: "result", session, result });
	}

	#head(id: string) {
		return { v: PROTOCOL_VERSION, id, incarnation: this.#incarnation };
	}

	#say(frame: ToServer): void {
		this.#send(JSON.stringify(frame));
	}
}
