import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { Connection, type Handlers } from "./connection.ts";
import { errorCode } from "./explain-error.ts";
import { CLOSE_REPLACED, type ToServer } from "./protocol.ts";
import type { Ready } from "./ready.ts";
import type { RuntimeLink } from "./runtime-link.ts";
import type { Timing } from "./timing.ts";

export interface ServeOptions extends Handlers {
	/** 0: any free one. */
	port: number;
	/** SHA-256, in hex, of the key that opens the link. */
	keySha256: string;
	/** Who this is, for whoever asks. */
	ready(): Ready;
	timing: Timing;
	log(line: string): void;
}

/**
 * The link of a node that is dialled: `GET /ready` says who it is, `GET /link` is the WebSocket, and the node says hello over
 * it as over one that it dialled itself. A new connection ends the one before. While there is none, the node goes on with
 * what it runs.
 *
 * The port can be reached from inside the container too, by every command that an agent runs. So a connection shows a key, of
 * which nothing but its hash is here: the key itself is in no file, argument or variable.
 */
export class Serve implements RuntimeLink {
	readonly #options: ServeOptions;
	readonly #http: Server;
	/** Connections are taken one after the other. */
	#taking: Promise<void> = Promise.resolve();
	#connection: { socket: WebSocket; link: Connection; ended: Promise<void> } | undefined;

	constructor(options: ServeOptions) {
		this.#options = options;
		const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
		this.#http = createServer((request, response) => {
			if (request.url !== "/ready") return response.writeHead(404).end();
			response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(options.ready()));
		});
		this.#http.on("upgrade", (request, stream, head) => {
			const refusal = this.#refusal(request);
			if (refusal !== undefined) return refuse(stream, refusal);
			sockets.handleUpgrade(request, stream, head, (socket) => {
				this.#taking = this.#taking.then(() => this.#take(socket));
			});
		});
	}

	send(frame: ToServer): void {
		this.#connection?.link.send(frame);
	}

	sendData(frame: Uint8Array): void {
		this.#connection?.link.sendData(frame);
	}

	/** Listens until the signal is aborted. @throws Error with a sentence when it cannot */
	async run(signal: AbortSignal): Promise<void> {
		const { port, log } = this.#options;
		const http = this.#http;
		http.listen(port, "0.0.0.0");
		try {
			await once(http, "listening");
		} catch (error) {
			throw new Error(`Port ${port} cannot be listened on: ${errorCode(error) ?? error}.`, { cause: error });
		}
		log(`Listening on port ${(http.address() as AddressInfo).port}.`);
		if (!signal.aborted) await once(signal, "abort");
		http.close();
		this.#connection?.socket.terminate();
		await this.#connection?.ended;
		http.closeAllConnections();
	}

	#refusal(request: IncomingMessage): string | undefined {
		if (request.url !== "/link") return "404 Not Found";
		const key = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
		if (key === undefined) return "401 Unauthorized";
		const shown = createHash("sha256").update(key).digest();
		const wanted = Buffer.from(this.#options.keySha256, "hex");
		return wanted.length === shown.length && timingSafeEqual(wanted, shown) ? undefined : "401 Unauthorized";
	}

	async #take(socket: WebSocket): Promise<void> {
		if (this.#connection) {
			const { socket: older, ended } = this.#connection;
			older.close(CLOSE_REPLACED, "the server dialled in again");
			older.terminate();
			await ended;
		}
		const { log } = this.#options;
		// A pong is 2 bytes that nobody reads (RFC 6455, 5.5.3). It carries TCP's acknowledgement at once: a proxy before the
		// container that has Nagle's algorithm on would hold the next frame back until Linux sent one alone, 40 ms later.
		socket.on("message", () => socket.pong());
		const link = new Connection({ ...this.#options, socket });
		const taken = { socket, link, ended: Promise.resolve() };
		this.#connection = taken;
		taken.ended = link.run(new AbortController().signal).then(({ why }) => {
			if (this.#connection === taken) this.#connection = undefined;
			log(why);
		});
	}
}

function refuse(stream: Duplex, status: string): void {
	stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
