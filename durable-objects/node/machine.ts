import { BLOB_FRAME } from "../../containers/node/checkpoint/protocol.ts";
import { type Hello, PROTOCOL_VERSION, parseFrame, type ToNode, type ToServer, toServerSchema } from "../../containers/node/protocol.ts";
import type { NodeStats } from "../../containers/node/stats/protocol.ts";
import { type CallReply, NODE_LOST_MS, type NodeCall, type NodeHeartbeat } from "../ports.ts";
import { can, type NodeIdentity } from "./admission.ts";
import { boundedFrame } from "./bounded-frame.ts";
import { callFrame } from "./call-frame.ts";
import { Incarnations } from "./incarnations.ts";
import type { LinkHandlers, LinkMessage, NodeLink } from "./link.ts";
import { watchFrom } from "./loss.ts";
import type { NodeStorage } from "./node-storage.ts";
import { Orders, type StopOrder } from "./orders.ts";
import type { Reports } from "./reports.ts";
import { type Leaving, Rests } from "./rests.ts";
import { sendFrame } from "./send-frame.ts";
import { type NodeSessions, passToSession } from "./session-frames.ts";
import { Silence, type Standing } from "./silence.ts";
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
	readonly #rests: Rests;
	readonly #silence: Silence;
	readonly #incarnations: Incarnations;

	constructor(ports: MachinePorts) {
		this.#ports = ports;
		this.#orders = new Orders(ports.storage, (message) => this.send(message));
		this.#rests = new Rests(this.#orders);
		this.#silence = new Silence({ standing: () => this.#standing(), stored: ports.storage, now: ports.now });
		this.#incarnations = new Incarnations({
			...ports,
			silence: this.#silence,
			nodeLost: (why) => ports.exec.nodeLost(why),
			welcomed: (hello, incarnation) => this.#orders.repeat(hello, incarnation, (session) => this.#isUsed(session)),
		});
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
		return link !== undefined && sendFrame(link, message);
	}

	/** Sends a call. Asked again with the same call id, the node answers and does nothing twice. */
	call(call: NodeCall): CallReply {
		const { storage, blobs } = this.#ports;
		const { callId, session, workspace, incarnation } = call;
		if (storage.identity()?.incarnation !== incarnation) return { state: "replaced", incarnation: storage.lastIncarnation() };
		// The run was given up before its call could be sent.
		if (this.#orders.isStopped(callId)) return { state: "sent" };
		// One that is asked about again is no news.
		if (!storage.flights().some((flight) => flight.callId === callId)) this.use(workspace);
		const link = this.link();
		if (link) {
			blobs.allow(session, workspace, incarnation);
			storage.flight({ callId, session });
		}
		this.#silence.expect();
		this.watch();
		const silence = this.#silence.told();
		if (link && sendFrame(link, callFrame(call))) return { state: "sent", ...(silence && { silence }) };
		storage.landed(callId);
		storage.wait(session);
		return { state: "disconnected", ...(silence && { silence }) };
	}

	/** When to {@link lookForSilence}; `undefined`: nobody waits for the machine. */
	dueAt(): number | undefined {
		return this.#silence.dueAt();
	}

	/** Tells those who wait for the machine that it does not speak, or speaks again: woken, they ask, and the answer says so. */
	async lookForSilence(): Promise<void> {
		const { storage, reports, rearm } = this.#ports;
		if (!this.#silence.look()) return;
		storage.waitInFlight();
		await reports.flush();
		rearm();
	}

	/** Somebody waits for the machine. Armed before it is given anything: one that falls silent now must be missed. */
	watch(): void {
		const { storage, rearm, now } = this.#ports;
		if (!storage.watch() && !storage.drive()) storage.putWatch(watchFrom(now()));
		rearm();
	}

	/** Kills a running call. The order is kept until the node has obeyed it. */
	stop(order: StopOrder): void {
		if (this.#ports.storage.identity()?.incarnation !== order.incarnation) return;
		this.#orders.stop(order);
		this.ended(order.session);
	}

	/** Something of a session runs here again, so that what it was to leave behind stays. */
	use(workspace: string): void {
		this.#rests.use(workspace);
	}

	/** Something of a session has ended here. What it leaves behind goes once nothing of it is under way. */
	ended(session: string): void {
		const identity = this.#ports.storage.identity();
		if (identity && !this.#isUsed(session)) this.#orders.due(session, identity.incarnation);
	}

	/**
	 * The lease of a session has ended: what it left running ends, and its files stay. Resolves when that is so, or is certain
	 * to be; see {@link Rests.order}. The same again changes nothing.
	 */
	async rest(leaving: Leaving & { incarnation: number }): Promise<void> {
		const identity = this.#ports.storage.identity();
		if (identity?.incarnation !== leaving.incarnation) return;
		if (!this.#rests.isNew(leaving)) return this.#rests.again(leaving);
		// An older runtime would never answer.
		if (this.link() && !can(identity, "rest")) return;
		// A call whose result its session has taken may be known here until the machine says it once more.
		await this.#rests.order(leaving, leaving.incarnation, this.#isUsed(leaving.session));
	}

	/** A session is deleted: its directory goes too. */
	forget(gone: Leaving): void {
		const { storage, blobs } = this.#ports;
		blobs.forget(gone.workspace);
		storage.forget(gone.session);
		const identity = storage.identity();
		if (identity) this.#orders.forget(gone, identity.incarnation);
	}

	/**
	 * A session has its files on another node: its directory here goes, unless it comes back before. The same again changes nothing.
	 *
	 * @returns false when there is no machine that could be told
	 */
	leave(gone: Leaving): boolean {
		const { storage, blobs } = this.#ports;
		const identity = storage.identity();
		if (!identity) return false;
		if (!this.#rests.isNew(gone)) return true;
		const held = this.#isUsed(gone.session);
		if (!held) blobs.forget(gone.workspace);
		this.#orders.leave(gone, identity.incarnation, held);
		return true;
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

	/** See {@link Incarnations.evict}. */
	evict(code: string, message: string): void {
		this.#incarnations.evict(code, message);
	}

	/** See {@link Incarnations.lose}. */
	lose(): void {
		this.#incarnations.lose();
	}

	/** See {@link Incarnations.replace}. */
	replace(why: string): void {
		this.#incarnations.replace(why);
	}

	async message(link: NodeLink, message: LinkMessage): Promise<void> {
		try {
			if (typeof message === "string") await this.#hear(link, message);
			else if (this.#incarnations.isCurrent(link)) await this.#data(message);
			if (this.#silence.told() && this.#incarnations.isCurrent(link)) await this.lookForSilence();
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
		this.#silence.gone();
		if (storage.drive()) return containerLost();
		storage.putWatch(watchFrom(now()));
		rearm();
		await reports.left(identity.incarnation);
	}

	async #hear(link: NodeLink, text: string): Promise<void> {
		const frame = parseFrame(toServerSchema, text);
		if (frame?.type === "hello") return this.#incarnations.hello(link, frame);
		if (frame) {
			// What an old incarnation still says is refused: its session was told another story.
			if (this.#incarnations.isCurrent(link) && frame.incarnation === link.incarnation) await this.#take(boundedFrame(frame));
		} else if (link.incarnation === undefined) {
			// A frame that is not understood is ignored, but a machine must not wait for ever for an answer to its hello.
			const message = `This is not a hello of version ${PROTOCOL_VERSION} of the node protocol. Upgrade the node, or check its --capacity and --labels.`;
			this.#incarnations.reject(link, "hello", "InvalidHello", message);
		}
	}

	async #take(frame: Exclude<ToServer, Hello>): Promise<void> {
		const { name, sessions, storage, blobs, exec, rearm } = this.#ports;
		switch (frame.type) {
			case "forgotten":
				if (this.#orders.isLeaving(frame.id)) blobs.forget(frame.id);
				return this.#orders.forgotten(frame.id);
			case "rested":
				return this.#rests.rested(frame.id);
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
				await passToSession(sessions, name, frame, this.#keeps());
				storage.landed(frame.id);
				this.#orders.answered(frame.id);
				this.ended(frame.session);
				this.send({ v: PROTOCOL_VERSION, type: "ack", id: frame.id, incarnation: frame.incarnation });
				return rearm();
			default:
				return passToSession(sessions, name, frame, this.#keeps());
		}
	}

	async #data(message: Uint8Array): Promise<void> {
		if (message[0] === BLOB_FRAME) await this.#ports.blobs.put(message);
		else this.#ports.exec.dataFromNode(message);
	}

	#standing(): Standing {
		const { storage } = this.#ports;
		const link = this.link();
		return { connected: link !== undefined, heardAt: link?.heardAt() ?? 0, awaited: storage.awaited(), joined: !storage.drive() };
	}

	/** The machine puts workspaces into the store. */
	#keeps(): boolean {
		const identity = this.#ports.storage.identity();
		return identity !== undefined && can(identity, "checkpoints");
	}

	/** A call of the session, or a person's command in it, is under way that nobody has given up. */
	#isUsed(session: string): boolean {
		const { storage } = this.#ports;
		if (storage.execs().some((exec) => exec.session === session)) return true;
		return storage.flights().some((flight) => flight.session === session && !this.#orders.isStopped(flight.callId));
	}
}
