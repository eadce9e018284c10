import { workspaceStateSchema } from "../../containers/node/checkpoint/protocol.ts";
import { CHANNEL_OFFSET, decodeData, encodeData, STDERR, STDIN, STDOUT } from "../../containers/node/exec/protocol.ts";
import { PROTOCOL_VERSION, type ToNode, type ToServer } from "../../containers/node/protocol.ts";
import { limitsSchema } from "../../containers/node/sandbox/session-limits.ts";
import { chooseProtocol, exitFrame, failureFrame, readClientFrame } from "../../src/api/pods/exec-channels.ts";
import { failure, type Status } from "../../src/api/status.ts";
import { ExecInput, INPUT_LIMIT_BYTES } from "./exec-input.ts";
import type { OpenExecs } from "./open-execs.ts";

/** What the socket of a client is known by when this object's memory is gone. */
interface ExecAttachment {
	exec: string;
	incarnation: number;
	/** Channels that the client wants. */
	channels: number[];
}

export interface ExecBridgePorts {
	ctx: DurableObjectState;
	/** The machine whose socket is open. */
	machine(): { name: string; incarnation: number } | undefined;
	/** The machine may put and get what this session's workspace is made of. */
	allow(session: string, workspace: string, incarnation: number): void;
	/** Commands that the machine was given. */
	execs: OpenExecs;
	/** Somebody waits for the machine: it is missed when it falls silent. */
	watch(): void;
	/** To that machine; `false` when it could not be sent. */
	send(frame: ToNode | Uint8Array<ArrayBuffer>): boolean;
}

type StartFrame = Extract<ToNode, { type: "exec" }>;
type FromNode = Extract<ToServer, { type: "exec-started" | "exec-exit" | "exec-credit" }>;

/** A node that knows of commands answers at once; an older one never does. */
const START_MS = 15_000;
const CLOSE_NORMAL = 1000;
const NOT_CONNECTED = "The node is not connected. Try again when it is Ready: kubectl get nodes";
const TAG = "exec";

/**
 * Joins clients that speak `v5.channel.k8s.io` to the commands that a machine runs for them, over the machine's one link.
 * Both sockets hibernate: a shell that nobody types into costs nothing.
 *
 * The platform reads a client's frames whether or not the last was handled, and tells nobody what a client has taken of its
 * output (seen with workerd 1.20261023). So input that the machine has no room for waits here, up to a limit, and output is
 * passed on as it comes: only the link is held back by credit.
 */
export class ExecBridge {
	readonly #ports: ExecBridgePorts;
	readonly #inputs = new Map<string, ExecInput>();
	readonly #starting = new Map<string, ReturnType<typeof setTimeout>>();

	constructor(ports: ExecBridgePorts) {
		this.#ports = ports;
	}

	/**
	 * `GET https://node/exec?exec=…&session=…&workspace=…&incarnation=…&command=…&command=…&stdin=true&stdout=true&stderr=true&tty=true`
	 * with an upgrade to a WebSocket, with what the workspace is to be as JSON in `state`, and
	 * what the session may use in `limits`.
	 */
	open(request: Request): Response {
		const query = new URL(request.url).searchParams;
		const flag = (name: string) => query.get(name) === "true";
		const protocol = chooseProtocol(request.headers.get("Sec-WebSocket-Protocol") ?? "");
		if (!protocol)
			return refused(failure("BadRequest", "The WebSocket offers none of the protocols v5.channel.k8s.io and v4.channel.k8s.io."));
		// An older gateway names no command, and would not ask again.
		if (query.has("exec") && this.#ports.machine() === undefined) return refused(failure("ServiceUnavailable", NOT_CONNECTED));
		const [client, server] = Object.values(new WebSocketPair());
		if (!client || !server) return refused(failure("InternalError", "No WebSocket could be made."));
		const exec: ExecAttachment = {
			// An older gateway gives it none.
			exec: query.get("exec") ?? crypto.randomUUID(),
			incarnation: Number(query.get("incarnation")),
			channels: [...(flag("stdout") ? [STDOUT] : []), ...(flag("stderr") ? [STDERR] : [])],
		};
		this.#ports.ctx.acceptWebSocket(server, [TAG, exec.exec]);
		server.serializeAttachment(exec);
		const start: StartFrame = {
			...head(exec),
			type: "exec",
			session: query.get("session") ?? "",
			workspace: query.get("workspace") ?? "",
			command: query.getAll("command"),
			stdin: flag("stdin"),
			tty: flag("tty"),
			...stateOf(query.get("state")),
			...limitsOf(query.get("limits")),
		};
		const problem = this.#start(start);
		// Said over the WebSocket: a client that is refused one tries SPDY instead, and shows what comes of that.
		if (problem !== undefined) this.#fail(server, problem);
		return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": protocol } });
	}

	/** Why the command could not be started, as a sentence. */
	#start(frame: StartFrame): string | undefined {
		const { execs } = this.#ports;
		const { id, session, incarnation } = frame;
		// Before the frame is sent: the lease is held for what may have reached the machine.
		if (!execs.open({ id, session, incarnation })) return "The command was started before, and is not started twice.";
		const problem = execs.cutReason(id) ?? this.#send(frame);
		if (problem === undefined) this.#expectStart(frame);
		else execs.end(id);
		return problem;
	}

	#send(frame: StartFrame): string | undefined {
		const { machine: machineOf, allow, watch, send } = this.#ports;
		const machine = machineOf();
		if (!machine) return NOT_CONNECTED;
		if (machine.incarnation !== frame.incarnation) return `The machine that held the session's files as node ${machine.name} is gone.`;
		allow(frame.session, frame.workspace, frame.incarnation);
		watch();
		if (!send(frame)) return "The node's connection was just lost. Try again when it is Ready: kubectl get nodes";
		return undefined;
	}

	/** Whether the machine runs the command, or its session has yet to hear of its end. Asked when nobody was heard of it. */
	has(id: string): boolean {
		const { execs, machine, watch } = this.#ports;
		const incarnation = machine()?.incarnation;
		if (execs.runs(id)) {
			const client = this.#client(id);
			// Its client has left, and the word of that may have been lost, or the machine's answer.
			if (incarnation !== undefined && client === undefined) this.#stop({ exec: id, incarnation });
			else probe(client);
			watch();
		}
		return execs.has(id);
	}

	/** Cuts a command; one that comes later is not started. @param reason a sentence for the person */
	cut({ exec, incarnation, reason }: { exec: string; incarnation: number; reason: string }): void {
		this.#ports.execs.cut(exec, reason);
		this.#fail(this.#client(exec), reason);
		this.#stop({ exec, incarnation });
	}

	/** Whether a socket is a client's. */
	isClient(socket: WebSocket): boolean {
		return execOf(socket) !== undefined;
	}

	clientMessage(socket: WebSocket, message: string | ArrayBuffer): void {
		const exec = execOf(socket);
		const frame = typeof message === "string" ? undefined : readClientFrame(new Uint8Array(message));
		if (!exec || !frame) return;
		switch (frame.type) {
			case "resize":
				this.#ports.send({ ...head(exec), type: "exec-resize", columns: frame.columns, rows: frame.rows });
				break;
			case "eof":
				this.#inputOf(exec).end();
				break;
			case "stdin":
				if (!this.#inputOf(exec).write(frame.bytes))
					this.#fail(socket, `The command has yet to read ${INPUT_LIMIT_BYTES} bytes of its input, and more came. Send it more slowly.`);
		}
	}

	/** The client is gone: its command goes too. */
	clientClosed(socket: WebSocket): void {
		const exec = execOf(socket);
		if (!exec) return;
		this.#stop(exec);
		this.#forget(exec.exec);
	}

	fromNode(frame: FromNode): void {
		const socket = this.#client(frame.id);
		clearTimeout(this.#starting.get(frame.id));
		this.#starting.delete(frame.id);
		switch (frame.type) {
			case "exec-credit":
				this.#inputs.get(frame.id)?.credit(frame.bytes);
				break;
			case "exec-exit":
				this.#ports.execs.end(frame.id, {
					...(frame.uncheckpointed && { uncheckpointed: true }),
					...(frame.unkept && { unkept: frame.unkept }),
					...(frame.checkpoint && { checkpoint: frame.checkpoint, epoch: frame.epoch }),
				});
				// Else the machine says it again when it is back.
				this.#ports.send({ v: PROTOCOL_VERSION, type: "ack", id: frame.id, incarnation: frame.incarnation });
				if (frame.exitCode === undefined) this.#end(socket, failureFrame(frame.message ?? "The command ended without an exit code."));
				else this.#end(socket, exitFrame(frame.exitCode));
		}
	}

	dataFromNode(frame: Uint8Array): void {
		const data = decodeData(frame);
		const socket = data && this.#client(data.id);
		const exec = socket && execOf(socket);
		if (!data || !exec) return;
		// The end of the node's frame is the client's.
		if (exec.channels.includes(data.channel)) trySend(socket, frame.subarray(CHANNEL_OFFSET));
		this.#ports.send({ ...head(exec), type: "exec-credit", bytes: data.bytes.byteLength });
	}

	/**
	 * The machine's connection ended: it ends every command that it runs for a person. Which have ended is known when it is
	 * back, or lost.
	 *
	 * @param why a sentence
	 */
	nodeLost(why: string): void {
		const { ctx, execs } = this.#ports;
		for (const socket of ctx.getWebSockets(TAG)) this.#fail(socket, why);
		execs.tell();
	}

	#client(id: string): WebSocket | undefined {
		return this.#ports.ctx.getWebSockets(id)[0];
	}

	/** The machine answers when the command is gone and what it changed is kept. */
	#stop(exec: Pick<ExecAttachment, "exec" | "incarnation">): void {
		this.#ports.send({ ...head(exec), type: "exec-stop" });
	}

	#inputOf(exec: ExecAttachment): ExecInput {
		const known = this.#inputs.get(exec.exec);
		if (known) return known;
		const input = new ExecInput({
			send: (bytes) => this.#ports.send(encodeData({ id: exec.exec, channel: STDIN, bytes })),
			end: () => this.#ports.send({ ...head(exec), type: "exec-eof" }),
		});
		this.#inputs.set(exec.exec, input);
		return input;
	}

	#expectStart({ id, incarnation }: StartFrame): void {
		const timer = setTimeout(() => {
			this.#stop({ exec: id, incarnation });
			this.#ports.execs.end(id, { unheard: true });
			this.#fail(this.#client(id), "The node did not start the command. It may run an older klaw that knows of no exec: upgrade it.");
		}, START_MS);
		this.#starting.set(id, timer);
	}

	#fail(socket: WebSocket | undefined, message: string): void {
		this.#end(socket, failureFrame(message));
	}

	#end(socket: WebSocket | undefined, lastFrame: Uint8Array<ArrayBuffer>): void {
		const exec = socket && execOf(socket);
		if (!exec) return;
		this.#forget(exec.exec);
		if (trySend(socket, lastFrame)) socket.close(CLOSE_NORMAL);
	}

	#forget(id: string): void {
		clearTimeout(this.#starting.get(id));
		this.#starting.delete(id);
		this.#inputs.get(id)?.close();
		this.#inputs.delete(id);
	}
}

function head({ exec, incarnation }: Pick<ExecAttachment, "exec" | "incarnation">) {
	return { v: PROTOCOL_VERSION, id: exec, incarnation };
}

function execOf(socket: WebSocket): ExecAttachment | undefined {
	const attachment = socket.deserializeAttachment();
	return attachment && "exec" in attachment ? attachment : undefined;
}

/** A client that vanished without a word is found out by what is sent to it: nothing, which every client reads past. */
function probe(client: WebSocket | undefined): void {
	const [channel] = (client && execOf(client)?.channels) ?? [];
	if (client && channel !== undefined) trySend(client, Uint8Array.of(channel));
}

/** `false` when the client is gone. */
function trySend(socket: WebSocket, frame: Uint8Array): boolean {
	try {
		socket.send(frame);
		return true;
	} catch {
		return false;
	}
}

/** Nothing when there is none; a caller of another version may say more than is known here. */
function stateOf(text: string | null) {
	if (text === null) return {};
	return { state: workspaceStateSchema.parse(JSON.parse(text)) };
}

function limitsOf(text: string | null) {
	return text === null ? {} : { limits: limitsSchema.parse(JSON.parse(text)) };
}

function refused(status: Status): Response {
	return Response.json(status, { status: status.code });
}
