import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type WebSocket, WebSocketServer } from "ws";
import { BLOB_FRAME, type WorkspaceState } from "../checkpoint/protocol.ts";
import { StoreServer } from "../checkpoint/testing/store-server.ts";
import { decodeData, encodeData, STDIN, STDOUT } from "../exec/protocol.ts";
import {
	type CallFrame,
	type Hello,
	type NodeToolResult,
	PING,
	PONG,
	PROTOCOL_VERSION,
	parseFrame,
	type ToNode,
	type ToServer,
	toServerSchema,
} from "../protocol.ts";
import type { SessionLimits } from "../sandbox/session-limits.ts";

export const TOKEN = `klaw-join-${"of-the-tests".padEnd(43, "-")}`;
/** What the server gives for it; the number counts those it has given. */
export const CREDENTIAL = "credential-of-the-tests-1";

type Output = Extract<ToServer, { type: "output" }>;
type Result = Extract<ToServer, { type: "result" }>;
type CheckpointFrame = Extract<ToServer, { type: "call-waiting" | "checkpoint-made" }>;
type ExecFrame = Extract<ToServer, { type: "exec-started" | "exec-exit" | "exec-credit" | "stats-report" }>;

/** A server of the node protocol for tests: a real WebSocket on a real port, which remembers all that it was told. */
export class LinkServer {
	readonly hellos: Hello[] = [];
	readonly outputs: Output[] = [];
	/** Workspaces that the node said are gone. */
	readonly forgotten: string[] = [];
	/** Workspaces in which the node said that nothing runs any more. */
	readonly rested: string[] = [];
	/** Calls that were to be cancelled and that the node said it does not have. */
	readonly cancelled: string[] = [];
	readonly results: Result[] = [];
	/** What the node said about commands of people, and what it uses. */
	readonly said: ExecFrame[] = [];
	/** What the node said about calls that wait, and about checkpoints outside of calls. */
	readonly checkpoints: CheckpointFrame[] = [];
	/** Where the node keeps workspaces. */
	readonly store = new StoreServer({
		send: (frame) => this.send(frame),
		sendData: (bytes) => this.#socket?.send(bytes),
		changed: () => this.#changed(),
	});
	/** Gives the node credit for the output of commands at once. */
	takesOutput = true;
	/** Data of commands by id and channel. */
	readonly #data = new Map<string, Buffer[]>();
	readonly authorizations: (string | undefined)[] = [];
	readonly paths: (string | undefined)[] = [];
	/** What the server grants in its welcome. */
	incarnation = 1;
	acknowledges = true;
	answersHeartbeats = true;
	welcomes = true;
	/** Sent instead of a welcome. */
	reject: { code: string; message: string; retryable: boolean } | undefined;
	/** Answered instead of taking the WebSocket. */
	refuse: { status: string; body: string } | undefined;
	/** What machines sent to join, with the token as `token`. */
	readonly joins: { token: string | undefined; path: string | undefined; [field: string]: unknown }[] = [];
	/** Answered instead of a credential. */
	refuseJoin: { status: number; body: string; headers?: Record<string, string> } | undefined;
	#http: Server | undefined;
	#port = 0;
	#socket: WebSocket | undefined;
	#waiting: (() => void)[] = [];

	/** Listens, after {@link LinkServer.close} on the same port again. */
	async listen(): Promise<this> {
		const http = createServer((request, response) => void this.#join(request, response));
		const sockets = new WebSocketServer({ noServer: true });
		http.on("upgrade", (request, stream, head) => {
			this.authorizations.push(request.headers.authorization);
			this.paths.push(request.url);
			this.#changed();
			if (this.refuse) {
				const { status, body } = this.refuse;
				stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
				return;
			}
			sockets.handleUpgrade(request, stream, head, (socket) => this.#take(socket));
		});
		http.listen(this.#port, "127.0.0.1");
		await once(http, "listening");
		this.#port = (http.address() as AddressInfo).port;
		this.#http = http;
		return this;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** Cuts the connection without a word, as a broken network does. */
	cut(): void {
		this.#socket?.terminate();
		this.#socket = undefined;
	}

	async close(): Promise<void> {
		this.cut();
		const http = this.#http;
		if (!http?.listening) return;
		http.close();
		http.closeAllConnections();
		await once(http, "close");
	}

	send(frame: ToNode): void {
		this.#socket?.send(JSON.stringify(frame));
	}

	sendText(text: string): void {
		this.#socket?.send(text);
	}

	/** Sends a call with defaults for what a test does not care about. */
	call(id: string, tool: string, args: Record<string, unknown>, more: Partial<CallFrame> = {}): void {
		this.send({
			...{ v: PROTOCOL_VERSION, type: "call", id, incarnation: this.incarnation, session: "default/s", workspace: "s" },
			...{ tool, arguments: args, timeoutMs: 30_000, ...more },
		});
	}

	cancel(id: string, reason: string): void {
		this.send({ v: PROTOCOL_VERSION, type: "cancel", id, incarnation: this.incarnation, session: "default/s", reason });
	}

	/** The lease of the session whose workspace this is has ended. */
	rest(workspace = "s"): void {
		this.send({ ...this.#head(workspace), type: "rest", session: `default/${workspace}`, workspace });
	}

	/** Calls and waits for the result. */
	async run(id: string, tool: string, args: Record<string, unknown>, more: Partial<CallFrame> = {}): Promise<NodeToolResult> {
		this.call(id, tool, args, more);
		return this.result(id);
	}

	async result(id: string): Promise<NodeToolResult> {
		await this.until(() => this.resultsOf(id).length > 0);
		return this.resultsOf(id)[0] ?? Promise.reject(new Error(`no result of ${id}`));
	}

	resultsOf(id: string): NodeToolResult[] {
		return this.results.filter((frame) => frame.id === id).map(({ result }) => result);
	}

	outputOf(id: string): string {
		return this.outputs
			.filter((frame) => frame.id === id)
			.map(({ text }) => text)
			.join("");
	}

	/** Runs a command in the workspace `s`. Returns its id. */
	exec(
		command: string[],
		more: { stdin?: boolean; tty?: boolean; workspace?: string; state?: WorkspaceState; limits?: SessionLimits } = {},
	): string {
		const id = crypto.randomUUID();
		const { stdin = false, tty = false, workspace = "s", state, limits } = more;
		this.send({ ...this.#head(id), type: "exec", session: "default/s", workspace, command, stdin, tty, state, limits });
		return id;
	}

	stdin(id: string, bytes: Uint8Array | string): void {
		this.#socket?.send(encodeData({ id, channel: STDIN, bytes: Buffer.from(bytes) }));
	}

	resize(id: string, columns: number, rows: number): void {
		this.send({ ...this.#head(id), type: "exec-resize", columns, rows });
	}

	eof(id: string): void {
		this.send({ ...this.#head(id), type: "exec-eof" });
	}

	stopExec(id: string): void {
		this.send({ ...this.#head(id), type: "exec-stop" });
	}

	credit(id: string, bytes: number): void {
		this.send({ ...this.#head(id), type: "exec-credit", bytes });
	}

	/** What came on a channel so far. */
	data(id: string, channel = STDOUT): Buffer {
		return Buffer.concat(this.#data.get(`${id} ${channel}`) ?? []);
	}

	/** How a command ended. */
	async ended(id: string): Promise<{ exitCode?: number; message?: string }> {
		for (;;) {
			const exit = this.said.find((frame) => frame.type === "exec-exit" && frame.id === id);
			if (exit?.type === "exec-exit") return { exitCode: exit.exitCode, message: exit.message };
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}

	#head(id: string) {
		return { v: PROTOCOL_VERSION, id, incarnation: this.incarnation };
	}

	/** Waits for a condition on what the server was told. */
	async until(condition: () => boolean): Promise<void> {
		while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	/** Waits for the next `hello` to be welcomed, counted from `joined`. */
	async joined(count = 1): Promise<void> {
		await this.until(() => this.hellos.length >= count);
	}

	async #join(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const token = request.headers.authorization?.slice("Bearer ".length);
		this.joins.push({ ...JSON.parse(await text(request)), token, path: request.url });
		const granted = () => ({ status: 201, body: JSON.stringify({ credential: this.#credential() }), headers: {} });
		const { status, body, headers } = this.refuseJoin ?? granted();
		response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
		this.#changed();
	}

	#credential(): string {
		return CREDENTIAL.replace(/1$/, String(this.joins.length));
	}

	#take(socket: WebSocket): void {
		this.#socket = socket;
		socket.on("message", (data, isBinary) =>
			isBinary && data instanceof Buffer ? this.#hearData(data) : this.#hear(socket, String(data)),
		);
		socket.on("close", () => this.#changed());
	}

	#hearData(frame: Buffer): void {
		if (frame[0] === BLOB_FRAME) this.store.hearData(frame);
		const data = decodeData(frame);
		if (!data) return;
		const key = `${data.id} ${data.channel}`;
		this.#data.set(key, [...(this.#data.get(key) ?? []), Buffer.from(data.bytes)]);
		if (this.takesOutput) this.credit(data.id, data.bytes.byteLength);
		this.#changed();
	}

	#hear(socket: WebSocket, text: string): void {
		if (text === PING) {
			if (this.answersHeartbeats) socket.send(PONG);
			return;
		}
		const frame = parseFrame(toServerSchema, text);
		if (frame?.type === "hello") this.#hello(frame);
		if (frame?.type === "output") this.outputs.push(frame);
		if (frame?.type === "forgotten") this.forgotten.push(frame.id);
		if (frame?.type === "rested") this.rested.push(frame.id);
		if (frame?.type === "cancelled") this.cancelled.push(frame.id);
		if (frame?.type.startsWith("exec-") || frame?.type === "stats-report") this.said.push(frame as ExecFrame);
		if (frame?.type === "call-waiting" || frame?.type === "checkpoint-made") this.checkpoints.push(frame);
		if (frame?.type === "blob-get") this.store.hear(frame);
		if (frame?.type === "result") {
			this.results.push(frame);
			if (this.acknowledges) this.acknowledge(frame.id);
		}
		this.#changed();
	}

	acknowledge(id: string): void {
		this.send({ v: PROTOCOL_VERSION, type: "ack", id, incarnation: this.incarnation });
	}

	#hello(frame: Hello): void {
		this.hellos.push(frame);
		if (!this.welcomes) return;
		const common = { v: PROTOCOL_VERSION, id: frame.id, incarnation: this.incarnation };
		this.send(this.reject ? { ...common, type: "reject", ...this.reject } : { ...common, type: "welcome" });
	}

	#changed(): void {
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}
