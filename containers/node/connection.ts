import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { type Hello, PING, PONG, parseFrame, type ToNode, type ToServer, toNodeSchema } from "./protocol.ts";
import { saysDeleted, statusMessage } from "./status-message.ts";
import type { Timing } from "./timing.ts";
import { unreachable } from "./unreachable.ts";

export interface Handlers {
	hello(): Hello;
	/** Done before any other frame of this connection is handled. */
	welcome(incarnation: number): Promise<void>;
	receive(frame: ToNode): Promise<void>;
	/** A binary frame; see `exec/protocol.ts`. */
	receiveData(frame: Uint8Array): void;
	/** The connection ended: whoever is served over it only is gone. */
	lost(): void;
	/** The server said that the node was deleted. Done before anything else happens, such as the end of the runtime. */
	deleted(): Promise<void>;
}

export interface ConnectionOptions extends Handlers {
	/** One that was dialled just now, or that is open already. */
	socket: WebSocket;
	/** Whether the server's certificate was to be of a certain authority. */
	authority?: boolean;
	timing: Timing;
	log(line: string): void;
}

/** How a connection ended. */
export interface Ended {
	/** A sentence. */
	why: string;
	/** Dialling again changes nothing. */
	final: boolean;
	/** How long it was of use, in milliseconds; absent when the server never said `welcome`. */
	welcomedMs?: number;
	/** The HTTP code of a klaw server that did not take the WebSocket. */
	status?: number;
	/** That server says that the node was deleted. */
	deleted?: boolean;
}

/** Bytes of an HTTP answer that are read for its message. */
const ANSWER_BYTES = 65_536;
/** Of a large frame, so many bytes are handed to the socket at once. */
const PIECE_BYTES = 128 * 1024;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_MS = 1_000;

/** Of a `reject`: who deleted the node did so while it was connected. */
const DELETED = "Deleted";
/** The node is another's. What does not know the credential (401, 403) may be a wrong server: see {@link saysDeleted}. */
const CONFLICT = 409;

/** One WebSocket from its beginning to its end. */
export class Connection {
	readonly #options: ConnectionOptions;
	readonly #socket: WebSocket;
	/** Frames are taken in order, one after the other, until the welcome is through. */
	#inbox = Promise.resolve();
	#welcomedAt: number | undefined;
	#heardAt = Date.now();
	/** What waits behind a large frame; absent: nothing large is on its way. */
	#behind: (string | Uint8Array)[] | undefined;
	#why: Pick<Ended, "why" | "final" | "status" | "deleted"> | undefined;

	constructor(options: ConnectionOptions) {
		this.#options = options;
		this.#socket = options.socket;
	}

	send(frame: ToServer): void {
		if (this.#welcomedAt !== undefined) this.#write(JSON.stringify(frame));
	}

	sendData(frame: Uint8Array): void {
		if (this.#welcomedAt !== undefined) this.#write(frame);
	}

	/** Resolves when the connection has ended, by either side or because it fell silent; never rejects. */
	async run(signal: AbortSignal): Promise<Ended> {
		const { timing, hello } = this.#options;
		const socket = this.#socket;
		const heartbeat = setInterval(() => this.#beat(), timing.heartbeatMs);
		const stop = () => {
			socket.close(CLOSE_GOING_AWAY, "the node stops");
			setTimeout(() => socket.terminate(), CLOSE_MS).unref();
		};
		signal.addEventListener("abort", stop, { once: true });

		const sayHello = () => this.#write(JSON.stringify(hello()));
		if (socket.readyState === WebSocket.OPEN) sayHello();
		else socket.on("open", sayHello);
		socket.on("message", (data, isBinary) => (isBinary && data instanceof Buffer ? this.#hearData(data) : this.#hear(String(data))));
		// Never final: this machine has been a node of that server, and networks heal.
		socket.on("error", (error) => this.#end(unreachable(error, new URL(socket.url), this.#options.authority ?? false).message));
		socket.on("unexpected-response", (_, response) => this.#refused(response));
		await new Promise<void>((resolve) => {
			socket.on("close", (code, reason) => {
				this.#end(`The server closed the connection (${code}${reason.length > 0 ? ` ${reason}` : ""}).`);
				resolve();
			});
		});

		clearInterval(heartbeat);
		signal.removeEventListener("abort", stop);
		const welcomedMs = this.#welcomedAt === undefined ? undefined : Date.now() - this.#welcomedAt;
		this.#welcomedAt = undefined;
		await this.#inbox;
		this.#options.lost();
		if (this.#why?.deleted) await this.#options.deleted();
		return { why: "The connection ended.", final: false, ...this.#why, welcomedMs };
	}

	#write(frame: string | Uint8Array): void {
		if (this.#socket.readyState !== WebSocket.OPEN) return;
		if (this.#behind) this.#behind.push(frame);
		else if (typeof frame === "string" || frame.byteLength <= PIECE_BYTES) this.#socket.send(frame);
		else this.#writePieces(frame, 0);
	}

	/** The first reason counts: what follows it are its consequences. */
	#end(why: string, final = false, answer: Pick<Ended, "status" | "deleted"> = {}): void {
		this.#why ??= { why, final, ...answer };
	}

	/**
	 * One message, piece by piece. Heartbeats stand in line behind it, and so do their answers: that a piece went off is the sign
	 * of life meanwhile. A socket tells of nothing that it was given at once before all of it has gone.
	 */
	#writePieces(frame: Uint8Array, from: number): void {
		const behind = this.#behind ?? [];
		this.#behind = behind;
		const to = from + PIECE_BYTES;
		const last = to >= frame.byteLength;
		this.#socket.send(frame.subarray(from, to), { binary: true, fin: last }, (error) => {
			// It is closing, and what was to be sent is lost with it.
			if (error) return;
			if (this.#welcomedAt !== undefined) this.#heardAt = Date.now();
			if (!last) return this.#writePieces(frame, to);
			this.#behind = undefined;
			for (const next of behind) this.#write(next);
		});
	}

	#beat(): void {
		const { heartbeatLostMs } = this.#options.timing;
		// The platform answers heartbeats for the server, so they alone do not show that it took the `hello`.
		if (Date.now() - this.#heardAt > heartbeatLostMs) {
			this.#end(`The server did not ${this.#welcomedAt === undefined ? "welcome this node" : "answer"} for ${heartbeatLostMs / 1000} s.`);
			this.#socket.terminate();
			return;
		}
		this.#write(PING);
	}

	#hear(text: string): void {
		if (text === PONG) {
			if (this.#welcomedAt !== undefined) this.#heardAt = Date.now();
			return;
		}
		this.#heardAt = Date.now();
		const frame = parseFrame(toNodeSchema, text);
		if (!frame) {
			this.#options.log(`Ignored a frame that this version does not know: ${text.slice(0, 200)}`);
			return;
		}
		this.#inbox = this.#inbox
			.then(() => this.#take(frame))
			.catch((error: unknown) => this.#options.log(`A ${frame.type} frame failed: ${error instanceof Error ? error.stack : error}`));
	}

	/** In its place among the other frames: what it is about may have come just before it. */
	#hearData(frame: Uint8Array): void {
		this.#heardAt = Date.now();
		this.#inbox = this.#inbox.then(() => {
			if (this.#welcomedAt !== undefined) this.#options.receiveData(frame);
		});
	}

	async #take(frame: ToNode): Promise<void> {
		const { welcome, receive, log } = this.#options;
		switch (frame.type) {
			case "welcome":
				// From here on results may be sent, the first of them by `welcome` itself.
				this.#welcomedAt = Date.now();
				return welcome(frame.incarnation);
			case "reject":
				this.#end(`The server rejected this node: ${frame.message}`, !frame.retryable, { deleted: frame.code === DELETED });
				return this.#socket.close();
			default:
				if (this.#welcomedAt === undefined) return log(`Ignored a ${frame.type} frame that came before the welcome.`);
				// Not waited for: a session that takes its time to go must not hold up the calls of the others.
				receive(frame).catch((error: unknown) => log(`A ${frame.type} frame failed: ${error instanceof Error ? error.stack : error}`));
		}
	}

	/**
	 * The server answered with HTTP instead of a WebSocket. Only klaw itself can say no for good, with a `Status`; whatever stands
	 * before it, such as a proxy that wants to be signed in to, cannot.
	 */
	#refused(response: IncomingMessage): void {
		let body = "";
		response.setEncoding("utf8");
		response.on("data", (piece: string) => {
			if (body.length < ANSWER_BYTES) body += piece;
		});
		response.on("close", () => {
			const status = response.statusCode ?? 0;
			const said = statusMessage(body);
			const why = `The server refused this node with ${status}: ${said ?? response.statusMessage}`;
			if (said === undefined) this.#end(`${why}. That is no answer of klaw's.`);
			else {
				const deleted = status === 401 && saysDeleted(body, this.#options.hello().node.name);
				this.#end(why, deleted || status === CONFLICT, { status, deleted });
			}
			this.#socket.terminate();
		});
	}
}
