import { DurableObject } from "cloudflare:workers";
import {
	CLOSE_REJECTED,
	CLOSE_REPLACED,
	type Hello,
	PING,
	PONG,
	PROTOCOL_VERSION,
	parseFrame,
	type ToNode,
	type ToServer,
	toServerSchema,
} from "../../containers/node/protocol.ts";
import type { NodeStats } from "../../containers/node/stats/protocol.ts";
import type { Env } from "../../src/env.ts";
import { clusterOf, dispatcherObjectName, lastPart, sessionObjectName } from "../names.ts";
import type { CallReply, NodeCall } from "../ports.ts";
import { admit, type NodeIdentity } from "./admission.ts";
import { ExecBridge } from "./exec-bridge.ts";
import { NodeStorage } from "./node-storage.ts";
import { StatsQuestions } from "./stats-questions.ts";

/** A machine that was not heard of for this long is not connected, whatever its socket says. */
const DEAF_MS = 40_000;
/** How soon a session or the dispatcher that could not be told something is told again. */
const TELL_AGAIN_MS = 1_000;
/** Tag of the machine's sockets; those of people's commands have others. */
const LINK = "link";

/** A socket's attachment: who is at the other end, once it was admitted. */
interface Attachment {
	incarnation: number;
	admittedAt: number;
}

/**
 * The link to one machine. The runtime dials in; calls go down and results come up over one hibernatable socket. What
 * a call does and whether it ran is known to the session and to the node's own journal, not here.
 */
export class NodeObject extends DurableObject<Env> {
	readonly #storage: NodeStorage;
	readonly #name: string;
	readonly #cluster: string;
	readonly #exec: ExecBridge;
	readonly #questions = new StatsQuestions();

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#storage = new NodeStorage(ctx.storage.sql);
		this.#name = lastPart(ctx.id);
		this.#cluster = clusterOf(ctx.id);
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
		this.#exec = new ExecBridge({
			ctx,
			machine: () => (this.#socket() ? this.#storage.identity() : undefined),
			send: (frame) => {
				const socket = this.#socket();
				return socket !== undefined && trySend(socket, frame instanceof Uint8Array ? frame : JSON.stringify(frame));
			},
		});
	}

	/**
	 * The runtime's WebSocket, authenticated by the gateway; or `https://node/exec?…`, a person's command, authorized by
	 * the gateway: see {@link ExecBridge.open}.
	 */
	override async fetch(request: Request): Promise<Response> {
		if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response("expected a WebSocket upgrade", { status: 426 });
		if (new URL(request.url).pathname === "/exec") return this.#exec.open(request);
		const [client, server] = Object.values(new WebSocketPair());
		if (!client || !server) return new Response("no WebSocket", { status: 500 });
		this.ctx.acceptWebSocket(server, [LINK]);
		return new Response(null, { status: 101, webSocket: client });
	}

	/** Sends a call to the machine. Asked again with the same call id, the node answers and does nothing twice. */
	async call(call: NodeCall): Promise<CallReply> {
		const identity = this.#storage.identity();
		if (identity?.incarnation !== call.incarnation) {
			this.ctx.waitUntil(this.#replaced(call.incarnation));
			return { state: "replaced", incarnation: this.#storage.lastIncarnation() };
		}
		// The run was given up before its call could be sent.
		if (this.#storage.hasOrder(`stop:${call.callId}`)) return { state: "sent" };
		const socket = this.#socket();
		const { callId, session, workspace, tool, timeoutMs, incarnation } = call;
		const frame: ToNode = {
			v: PROTOCOL_VERSION,
			type: "call",
			id: callId,
			incarnation,
			session,
			workspace,
			tool,
			timeoutMs,
			arguments: call.arguments,
		};
		if (socket && send(socket, frame)) return { state: "sent" };
		this.#storage.wait(session);
		// The socket may have died without a word: nothing more is to be placed here until the machine is back.
		this.ctx.waitUntil(this.#left(identity));
		return { state: "disconnected" };
	}

	/** Kills a running call. The order is kept until the node has obeyed it. */
	async stop(order: { callId: string; session: string; incarnation: number; reason: string }): Promise<void> {
		const { callId: id, session, incarnation, reason } = order;
		if (this.#storage.identity()?.incarnation !== incarnation) return;
		this.#order(`stop:${id}`, { v: PROTOCOL_VERSION, type: "cancel", id, incarnation, session, reason });
	}

	/** A session is deleted: its directory goes too. */
	async forget({ session, workspace }: { session: string; workspace: string }): Promise<void> {
		const identity = this.#storage.identity();
		if (!identity) return;
		const { incarnation } = identity;
		this.#order(`forget:${workspace}`, { v: PROTOCOL_VERSION, type: "forget", id: workspace, incarnation, session, workspace });
	}

	/** What the machine uses now; `undefined` when it is not connected, does not answer, or is too old to know. */
	async stats(): Promise<NodeStats | undefined> {
		const socket = this.#socket();
		const incarnation = this.#storage.identity()?.incarnation;
		if (!socket || incarnation === undefined) return undefined;
		return this.#questions.ask(incarnation, (frame) => send(socket, frame));
	}

	/** Takes the name away from its machine. Whoever joins under it next is another node. */
	async remove(): Promise<void> {
		this.#storage.free();
		const message = `The node ${this.#name} was deleted. To have this machine back, join it again: klaw node join`;
		for (const socket of this.ctx.getWebSockets(LINK)) this.#reject(socket, "deleted", "Deleted", message);
		this.#exec.nodeLost(`The node ${this.#name} was deleted.`);
		this.ctx.waitUntil(this.#tellWaiting());
	}

	override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
		if (this.#exec.isClient(socket)) return this.#exec.clientMessage(socket, message);
		if (typeof message !== "string" && attachmentOf(socket)) return this.#exec.dataFromNode(new Uint8Array(message));
		const frame = typeof message === "string" ? parseFrame(toServerSchema, message) : undefined;
		if (!frame) {
			// A frame that is not understood is ignored, but a machine must not wait for ever for an answer to its hello.
			const message = `This is not a hello of version ${PROTOCOL_VERSION} of the node protocol. Upgrade the node, or check its --capacity and --labels.`;
			if (!attachmentOf(socket)) this.#reject(socket, "hello", "InvalidHello", message);
			return;
		}
		try {
			await this.#receive(socket, frame);
		} catch (error) {
			// Not acknowledged: the node says it again.
			console.warn(`node ${this.#name}: ${frame.type} could not be passed on`, error);
		}
	}

	override async webSocketClose(socket: WebSocket): Promise<void> {
		if (this.#exec.isClient(socket)) return this.#exec.clientClosed(socket);
		const identity = this.#storage.identity();
		const other = this.#socket(socket);
		if (!attachmentOf(socket) || other) return;
		this.#exec.nodeLost(`The connection to node ${this.#name} was lost, and the command ended with it.`);
		if (identity) await this.#left(identity);
	}

	override async webSocketError(socket: WebSocket): Promise<void> {
		await this.webSocketClose(socket);
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override async alarm(): Promise<void> {
		const identity = this.#storage.identity();
		if (identity && this.#socket()) await this.#joined(identity);
		await this.#tellWaiting();
	}

	async #receive(socket: WebSocket, frame: ToServer): Promise<void> {
		if (frame.type === "hello") return this.#hello(socket, frame);
		const attachment = attachmentOf(socket);
		// What an old incarnation still says is refused: its session was told another story.
		if (!attachment || frame.incarnation !== this.#storage.identity()?.incarnation || frame.incarnation !== attachment.incarnation) return;
		switch (frame.type) {
			case "forgotten":
				return this.#storage.done(`forget:${frame.id}`);
			case "exec-started":
			case "exec-exit":
			case "exec-credit":
				return this.#exec.fromNode(frame);
			case "stats-report":
				return this.#questions.answer(frame.id, frame.stats);
			case "output":
			case "result":
				return this.#pass(socket, frame);
		}
	}

	/** To the session that the frame is about. */
	async #pass(socket: WebSocket, frame: Extract<ToServer, { type: "output" | "result" }>): Promise<void> {
		const [namespace = "", name = ""] = frame.session.split("/");
		const session = this.env.SESSION.getByName(sessionObjectName(namespace, name, this.#cluster));
		if (frame.type === "output") {
			await session.nodeOutput({ callId: frame.id, offset: frame.offset, text: frame.text });
			return;
		}
		const { id, incarnation, result } = frame;
		await session.nodeResult({ callId: id, node: this.#name, incarnation, result });
		this.#storage.done(`stop:${id}`);
		send(socket, { v: PROTOCOL_VERSION, type: "ack", id, incarnation });
	}

	async #hello(socket: WebSocket, hello: Hello): Promise<void> {
		const admission = admit(hello, this.#name, this.#storage.identity(), this.#storage.lastIncarnation());
		if (!admission.ok) {
			this.#reject(socket, hello.id, admission.code, admission.message);
			return;
		}
		const { identity } = admission;
		this.#storage.put(identity);
		for (const older of this.ctx.getWebSockets(LINK))
			if (older !== socket && attachmentOf(older)) older.close(CLOSE_REPLACED, "the machine dialled in again");
		// It ended what it ran for people when its last connection did.
		this.#exec.nodeLost(`Node ${this.#name} lost its connection, and the command ended with it.`);
		const attachment: Attachment = { incarnation: identity.incarnation, admittedAt: Date.now() };
		socket.serializeAttachment(attachment);
		send(socket, { v: PROTOCOL_VERSION, type: "welcome", id: hello.id, incarnation: identity.incarnation });
		this.#giveOrders(socket, hello);
		await this.#joined(identity);
		await this.#tellWaiting();
	}

	#reject(socket: WebSocket, id: string, code: string, message: string): void {
		send(socket, { v: PROTOCOL_VERSION, type: "reject", id, incarnation: 0, code, message, retryable: false });
		socket.close(CLOSE_REJECTED, code);
	}

	/** What the machine must still do. An order about a call that it does not know is obeyed by that. */
	#giveOrders(socket: WebSocket, hello: Hello): void {
		const known = new Set(hello.calls.map(({ callId }) => `stop:${callId}`));
		for (const { id, frame } of this.#storage.orders()) {
			if (id.startsWith("stop:") && !known.has(id)) this.#storage.done(id);
			else trySend(socket, frame);
		}
	}

	/** Kept until the node says that it obeyed: what a socket took is not yet read. */
	#order(id: string, frame: ToNode): void {
		this.#storage.order(id, JSON.stringify(frame));
		const socket = this.#socket();
		if (socket) send(socket, frame);
	}

	async #joined(identity: NodeIdentity): Promise<void> {
		try {
			await this.env.DISPATCHER.getByName(dispatcherObjectName(this.#cluster)).nodeJoined(identity);
		} catch (error) {
			console.warn(`node ${this.#name}: the dispatcher could not be told that it joined`, error);
			await this.ctx.storage.setAlarm(Date.now() + TELL_AGAIN_MS);
		}
	}

	/** Best effort: a node that is wrongly taken for ready costs a session one more question. */
	async #left(identity: NodeIdentity): Promise<void> {
		try {
			await this.env.DISPATCHER.getByName(dispatcherObjectName(this.#cluster)).nodeLeft(this.#name, identity.incarnation);
			// The machine may have dialled in again while this was on its way.
			if (this.#socket() && this.#storage.identity()?.incarnation === identity.incarnation) await this.#joined(identity);
		} catch (error) {
			console.warn(`node ${this.#name}: the dispatcher could not be told that it left`, error);
		}
	}

	/** Best effort, and said again with every call for that machine: a dispatcher that missed its end would lease it for ever. */
	async #replaced(incarnation: number): Promise<void> {
		try {
			await this.env.DISPATCHER.getByName(dispatcherObjectName(this.#cluster)).nodeReplaced(this.#name, incarnation);
		} catch (error) {
			console.warn(`node ${this.#name}: the dispatcher could not be told that a machine is gone`, error);
		}
	}

	async #tellWaiting(): Promise<void> {
		for (const session of this.#storage.waiting()) {
			const [namespace = "", name = ""] = session.split("/");
			try {
				await this.env.SESSION.getByName(sessionObjectName(namespace, name, this.#cluster)).nodeReady();
				this.#storage.stopWaiting(session);
			} catch (error) {
				console.warn(`session ${session} could not be told that node ${this.#name} is back, will try again`, error);
				await this.ctx.storage.setAlarm(Date.now() + TELL_AGAIN_MS);
			}
		}
	}

	/** The admitted, open socket that was heard of lately. */
	#socket(except?: WebSocket): WebSocket | undefined {
		return this.ctx.getWebSockets(LINK).find((socket) => {
			const attachment = attachmentOf(socket);
			if (!attachment || socket === except || socket.readyState !== WebSocket.OPEN) return false;
			const heard = this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? attachment.admittedAt;
			return Date.now() - heard < DEAF_MS;
		});
	}
}

function attachmentOf(socket: WebSocket): Attachment | undefined {
	return socket.deserializeAttachment() ?? undefined;
}

function send(socket: WebSocket, frame: ToNode): boolean {
	return trySend(socket, JSON.stringify(frame));
}

/** `false` when the socket is closing under our hands. */
function trySend(socket: WebSocket, frame: string | Uint8Array<ArrayBuffer>): boolean {
	try {
		socket.send(frame);
		return true;
	} catch {
		return false;
	}
}
