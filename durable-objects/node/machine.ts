import { BLOB_FRAME } from "../../containers/node/checkpoint/protocol.ts";
import {
	CLOSE_REJECTED,
	CLOSE_REPLACED,
	type Hello,
	PROTOCOL_VERSION,
	parseFrame,
	type ToNode,
	type ToServer,
	toServerSchema,
} from "../../containers/node/protocol.ts";
import type { NodeStats } from "../../containers/node/stats/protocol.ts";
import { type CallReply, NODE_LOST_MS, type NodeCall, type NodeHeartbeat } from "../ports.ts";
import { admit, type NodeIdentity } from "./admission.ts";
import { callFrame } from "./call-frame.ts";
import type { LinkHandlers, LinkMessage, NodeLink } from "./link.ts";
import { watchFrom } from "./loss.ts";
import type { NodeStorage } from "./node-storage.ts";
import { Orders, type StopOrder } from "./orders.ts";
import type { Reports } from "./reports.ts";
import { type NodeSessions, passToSession } from "./session-frames.ts";
import { StatsQuestions } from "./stats-questions.ts";

type Frame<T extends ToServer["type"]> = Extract<ToServer, { type: T }>;

export interface MachinePorts {
	/** Of the node. */
	name: string;
	storage: NodeStorage;
	reports: Reports;
	/** Every connection that is open, admitted or not. */
	links(): NodeLink[];
	sessions: NodeSessions;
	/** Commands of people. */
	exec: {
		fromNode(frame: Frame<"exec-started" | "exec-exit" | "exec-credit">): void;
		dataFromNode(frame: Uint8Array): void;
		nodeLost(why: string): void;
	};
	/** The store of workspaces, as far as this machine may use it. */
	blobs: {
		allow(session: string, workspace: string, incarnation: number): void;
		forget(workspace: string): void;
		put(message: Uint8Array): Promise<void>;
		get(frame: Frame<"blob-get">): Promise<void>;
	};
	/** A container's connection has ended. */
	containerLost(): void;
	/** Something became due. */
	rearm(): void;
	now(): number;
}

/**
 * The control plane's half of the node protocol, over any {@link NodeLink}: calls go down, results come up. What a call does
 * and whether it ran is known to the session and to the node's own journal, not here.
 */
export class Machine implements LinkHandlers {
	readonly #ports: MachinePorts;
	readonly #questions = new StatsQuestions();
	readonly #orders: Orders;

	constructor(ports: MachinePorts) {
		this.#ports = ports;
		this.#orders = new Orders(ports.storage, (message) => this.send(message));
	}

	/** The machine, while it can be used. */
	identity(): NodeIdentity | undefined {
		return this.link() && this.#ports.storage.identity();
	}

	/** Its admitted, open connection over which it was heard lately. */
	link(except?: NodeLink): NodeLink | undefined {
		const { links, now } = this.#ports;
		return links().find(
			(link) => link.open && link.incarnation !== undefined && !(except && link.is(except)) && now() - link.heardAt() < NODE_LOST_MS,
		);
	}

	/** @returns false when it could not be sent */
	send(message: ToNode | LinkMessage): boolean {
		const link = this.link();
		return link !== undefined && sendTo(link, message);
	}

	/** Sends a call. Asked again with the same call id, the node answers and does nothing twice. */
	call(call: NodeCall): CallReply {
		const { storage, blobs, rearm, now } = this.#ports;
		const { callId, session, workspace, incarnation } = call;
		if (storage.identity()?.incarnation !== incarnation) return { state: "replaced", incarnation: storage.lastIncarnation() };
		// The run was given up before its call could be sent.
		if (this.#orders.isStopped(callId)) return { state: "sent" };
		const link = this.link();
		if (link) {
			blobs.allow(session, workspace, incarnation);
			storage.flight({ callId, session });
		}
		// Armed before the call is sent: a machine that falls silent now must be missed.
		if (!storage.watch() && !storage.drive()) storage.putWatch(watchFrom(now()));
		rearm();
		if (link && sendTo(link, callFrame(call))) return { state: "sent" };
		storage.landed(callId);
		storage.wait(session);
		return { state: "disconnected" };
	}

	/** Kills a running call. The order is kept until the node has obeyed it. */
	stop(order: StopOrder): void {
		if (this.#ports.storage.identity()?.incarnation === order.incarnation) this.#orders.stop(order);
	}

	/** A session is deleted: its directory goes too. */
	forget(gone: { session: string; workspace: string }): void {
		const { storage, blobs } = this.#ports;
		blobs.forget(gone.workspace);
		storage.forget(gone.session);
		const identity = storage.identity();
		if (identity) this.#orders.forget(gone, identity.incarnation);
	}

	/** What the machine uses now; `undefined` when it is not connected, does not answer, or is too old to know. */
	async stats(): Promise<NodeStats | undefined> {
		const identity = this.identity();
		return identity && this.#questions.ask(identity.incarnation, (frame) => this.send(frame));
	}

	heartbeat(): NodeHeartbeat {
		const { storage, links } = this.#ports;
		const heardAt = Math.max(0, ...links().map((link) => (link.incarnation === undefined ? 0 : link.heardAt())));
		return { connected: this.link() !== undefined, incarnation: storage.lastIncarnation(), heardAt };
	}

	/** Takes the name away from whoever has it, and says why. */
	evict(code: string, message: string): void {
		const { storage, links, exec } = this.#ports;
		storage.free();
		storage.ground();
		for (const link of links()) this.#reject(link, code.toLowerCase(), code, message);
		exec.nodeLost(message);
	}

	/** The machine was not heard for too long. It may come back, as another incarnation: what it still runs is not believed. */
	lose(): void {
		const { storage } = this.#ports;
		const identity = storage.identity();
		if (!identity) return;
		const next = storage.lastIncarnation() + 1;
		storage.put({ ...identity, incarnation: next });
		this.#over({ type: "lost", incarnation: identity.incarnation, next });
		// Its socket may be alive at this end only.
		this.#hangUp(`the node was silent for ${NODE_LOST_MS / 1000} s`);
	}

	/** The machine is gone for good, and the name is free. */
	replace(why: string): void {
		const { storage, exec } = this.#ports;
		const identity = storage.identity();
		if (!identity) return;
		storage.free();
		this.#over({ type: "replaced", incarnation: identity.incarnation });
		this.#hangUp("the machine is gone");
		exec.nodeLost(why);
	}

	async message(link: NodeLink, message: LinkMessage): Promise<void> {
		try {
			if (typeof message === "string") await this.#hear(link, message);
			else if (this.#isCurrent(link)) await this.#data(message);
		} catch (error) {
			// Not acknowledged: the node says it again.
			console.warn(`node ${this.#ports.name}: what it said could not be passed on`, error);
		}
	}

	async lost(link: NodeLink): Promise<void> {
		const { name, storage, reports, exec, containerLost, rearm, now } = this.#ports;
		const identity = storage.identity();
		if (link.incarnation === undefined || link.incarnation !== identity?.incarnation || this.link(link)) return;
		exec.nodeLost(`The connection to node ${name} was lost, and the command ended with it.`);
		if (storage.drive()) return containerLost();
		storage.putWatch(watchFrom(now()));
		rearm();
		await reports.left(identity.incarnation);
	}

	async #hear(link: NodeLink, text: string): Promise<void> {
		const frame = parseFrame(toServerSchema, text);
		if (frame?.type === "hello") return this.#hello(link, frame);
		if (frame) {
			// What an old incarnation still says is refused: its session was told another story.
			if (this.#isCurrent(link) && frame.incarnation === link.incarnation) await this.#take(frame);
		} else if (link.incarnation === undefined) {
			// A frame that is not understood is ignored, but a machine must not wait for ever for an answer to its hello.
			const message = `This is not a hello of version ${PROTOCOL_VERSION} of the node protocol. Upgrade the node, or check its --capacity and --labels.`;
			this.#reject(link, "hello", "InvalidHello", message);
		}
	}

	async #take(frame: Exclude<ToServer, Hello>): Promise<void> {
		const { name, sessions, storage, blobs, exec, rearm } = this.#ports;
		switch (frame.type) {
			case "forgotten":
				return this.#orders.forgotten(frame.id);
			case "cancelled":
				return this.#orders.obeyed(frame.id);
			case "exec-started":
			case "exec-exit":
			case "exec-credit":
				return exec.fromNode(frame);
			case "stats-report":
				return this.#questions.answer(frame.id, frame.stats);
			case "blob-get":
				return blobs.get(frame);
			case "result":
				await passToSession(sessions, name, frame);
				storage.landed(frame.id);
				this.#orders.answered(frame.id);
				this.send({ v: PROTOCOL_VERSION, type: "ack", id: frame.id, incarnation: frame.incarnation });
				return rearm();
			default:
				return passToSession(sessions, name, frame);
		}
	}

	async #data(message: Uint8Array): Promise<void> {
		if (message[0] === BLOB_FRAME) await this.#ports.blobs.put(message);
		else this.#ports.exec.dataFromNode(message);
	}

	async #hello(link: NodeLink, hello: Hello): Promise<void> {
		const { name, storage, links, exec, reports, rearm, now } = this.#ports;
		const container = storage.drive()?.order;
		const owner = storage.identity();
		const admission = admit({ hello, name, owner, lastIncarnation: storage.lastIncarnation(), container });
		if (!admission.ok) return this.#reject(link, hello.id, admission.code, admission.message);
		const { identity, over } = admission;
		if (over !== undefined)
			this.#over(
				owner?.uid === identity.uid
					? { type: "lost", incarnation: over, next: identity.incarnation }
					: { type: "replaced", incarnation: over },
			);
		storage.put(identity);
		// A socket that was dying took them, and they did not arrive.
		storage.flown(hello.calls.map(({ callId }) => callId));
		for (const older of links())
			if (!older.is(link) && older.incarnation !== undefined) older.close(CLOSE_REPLACED, "the machine dialled in again");
		// It ended what it ran for people when its last connection did.
		exec.nodeLost(`Node ${name} lost its connection, and the command ended with it.`);
		link.admit(identity.incarnation, now());
		sendTo(link, { v: PROTOCOL_VERSION, type: "welcome", id: hello.id, incarnation: identity.incarnation });
		this.#orders.repeat(hello, identity.incarnation);
		reports.add({ type: "joined" });
		rearm();
		await reports.flush();
		rearm();
	}

	/** An incarnation is over: told to the dispatcher, and to whoever waits for an answer of it. */
	#over(report: { type: "lost"; incarnation: number; next: number } | { type: "replaced"; incarnation: number }): void {
		const { storage, reports, rearm } = this.#ports;
		storage.ground();
		storage.putWatch(undefined);
		reports.add(report);
		rearm();
	}

	#hangUp(why: string): void {
		for (const link of this.#ports.links()) if (link.incarnation !== undefined) link.close(CLOSE_REPLACED, why);
	}

	#reject(link: NodeLink, id: string, code: string, message: string): void {
		sendTo(link, { v: PROTOCOL_VERSION, type: "reject", id, incarnation: 0, code, message, retryable: false });
		link.close(CLOSE_REJECTED, code);
	}

	#isCurrent(link: NodeLink): boolean {
		return link.incarnation !== undefined && link.incarnation === this.#ports.storage.identity()?.incarnation;
	}
}

function sendTo(link: NodeLink, message: ToNode | LinkMessage): boolean {
	return link.send(typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message));
}
