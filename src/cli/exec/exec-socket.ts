import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { WebSocket } from "ws";
import { type ApiClient, identityHeaders, refusal } from "../api-client.ts";
import { connectionLost } from "../connection-lost.ts";
import { CliError, ConnectionError, type Status } from "../errors.ts";

const PROTOCOL = "v5.channel.k8s.io";
const [STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE] = [0, 1, 2, 3, 4, 255];
/** Longer than the server waits for a node, so that it says why there is none. */
const START_TIMEOUT_MS = 150_000;
/** What waits to be read, above which no more is taken from the network. */
const HIGH_BYTES = 4 * 2 ** 20;

export interface ExecRequest {
	namespace: string;
	session: string;
	command: readonly string[];
	stdin: boolean;
	tty?: boolean;
}

/** A piece of what the command wrote. */
export interface ExecOutput {
	channel: "stdout" | "stderr";
	bytes: Buffer;
}

/** A command in a session's workspace, over `pods/exec` as `kubectl exec` speaks it. */
export class ExecSocket {
	readonly #socket: WebSocket;
	readonly #server: string;
	#waiting: ExecOutput[] = [];
	#waitingBytes = 0;
	#status: Status | undefined;
	#lost: Error | undefined;
	#closed = false;
	#wake: () => void = () => undefined;

	private constructor(socket: WebSocket, server: string) {
		this.#socket = socket;
		this.#server = server;
		socket.binaryType = "nodebuffer";
		socket.on("message", (data: Buffer) => this.#receive(data));
		socket.on("error", (error) => {
			this.#lost = error;
		});
		socket.on("close", () => {
			this.#closed = true;
			this.#wake();
		});
	}

	/** @throws ApiError when the server says no; ConnectionError when it says nothing */
	static async open({ connection }: ApiClient, request: ExecRequest): Promise<ExecSocket> {
		const { namespace, session, command, stdin, tty = false } = request;
		const query = new URLSearchParams({ stdin: String(stdin), stdout: "true", stderr: String(!tty), tty: String(tty) });
		for (const word of command) query.append("command", word);
		const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(session)}/exec?${query}`;
		const { ca, insecure, serverName, cert, key } = connection.tls ?? {};
		const socket = new WebSocket(connection.server.replace(/^http/, "ws") + path, [PROTOCOL], {
			headers: { ...identityHeaders(connection) },
			handshakeTimeout: connection.requestTimeoutMs ?? START_TIMEOUT_MS,
			perMessageDeflate: false,
			...(ca !== undefined && { ca }),
			...(cert !== undefined && { cert, key }),
			...(serverName !== undefined && { servername: serverName }),
			...(insecure && { rejectUnauthorized: false }),
		});
		const opened = new ExecSocket(socket, connection.server);
		await new Promise<void>((resolve, reject) => {
			socket.once("open", () => resolve());
			socket.once("unexpected-response", (_: unknown, answer: IncomingMessage) => {
				const { socket: connected } = answer;
				text(answer)
					.then((body) => reject(refusal(connection, answer.statusCode ?? 0, body)), reject)
					// The server keeps it open for more requests, and this process would end no sooner.
					.finally(() => connected.destroy());
			});
			socket.once("error", (error) => reject(connectionLost(error, connection.server, START_TIMEOUT_MS)));
		});
		return opened;
	}

	/** Resolves when the network has taken the bytes; what is written after the command's end goes nowhere. */
	write(bytes: Uint8Array): Promise<void> {
		return this.#send(STDIN, bytes);
	}

	/** Ends the command's input. */
	end(): Promise<void> {
		return this.#send(CLOSE, Uint8Array.of(STDIN));
	}

	resize(columns: number, rows: number): Promise<void> {
		return this.#send(RESIZE, Buffer.from(JSON.stringify({ Width: columns, Height: rows })));
	}

	/** The client leaves, and the command ends. */
	close(): void {
		this.#socket.terminate();
	}

	/**
	 * What the command writes, as it comes; returns its exit code.
	 *
	 * @throws CliError when it has none, ConnectionError when the connection ends before it does
	 */
	async *output(): AsyncGenerator<ExecOutput, number, undefined> {
		for (;;) {
			const pieces = this.#waiting;
			this.#waiting = [];
			this.#waitingBytes = 0;
			yield* pieces;
			if (this.#waiting.length > 0) continue;
			this.#socket.resume();
			if (this.#status) return exitCodeOf(this.#status);
			if (this.#closed)
				throw this.#lost ?? new ConnectionError(`The connection to the server ${this.#server} ended before the command did.`);
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	#receive(message: Buffer): void {
		const bytes = message.subarray(1);
		switch (message[0]) {
			case STDOUT:
			case STDERR:
				if (bytes.byteLength === 0) return;
				this.#waiting.push({ channel: message[0] === STDOUT ? "stdout" : "stderr", bytes });
				this.#waitingBytes += bytes.byteLength;
				if (this.#waitingBytes > HIGH_BYTES) this.#socket.pause();
				break;
			case ERROR:
				this.#status = readStatus(bytes);
		}
		this.#wake();
	}

	#send(channel: number, bytes: Uint8Array): Promise<void> {
		return new Promise((resolve) => {
			// The connection's end is told by `output`.
			if (this.#socket.readyState !== WebSocket.OPEN) return resolve();
			this.#socket.send(Buffer.concat([Buffer.of(channel), bytes]), () => resolve());
		});
	}
}

function readStatus(bytes: Buffer): Status {
	try {
		return JSON.parse(bytes.toString()) as Status;
	} catch {
		return { kind: "Status", status: "Failure", message: `The server ended the command with something that is no Status: ${bytes}` };
	}
}

function exitCodeOf({ status, reason, message, details }: Status): number {
	if (status === "Success") return 0;
	const code = Number(details?.causes?.find((cause) => cause.reason === "ExitCode")?.message);
	if (reason === "NonZeroExitCode" && Number.isInteger(code)) return code;
	throw new CliError(message ?? "The command ended without an exit code.");
}
