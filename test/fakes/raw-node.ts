/** A machine that speaks the node protocol by hand, over the Worker's own gateway, from inside workerd. */
import { exports } from "cloudflare:workers";
import { PROTOCOL_VERSION, parseFrame, type ToNode, type ToServer, toNodeSchema } from "../../containers/node/protocol.ts";

import { request } from "./api.ts";

type Frame<T extends ToNode["type"]> = Extract<ToNode, { type: T }>;

const JOIN_TOKENS = "/apis/klaw.sh/v1/nodejointokens";
/** Machines keep their credentials. By name and uid. */
const credentials = new Map<string, string>();

/** A token with which machines join, made through the API. */
export async function newJoinToken(spec: Record<string, unknown> = {}): Promise<string> {
	const { code, body } = await request("POST", JOIN_TOKENS, { spec });
	if (code !== 201) throw new Error(JSON.stringify(body));
	return body.status.token;
}

/** Asks to join as a machine does. */
export function joinAs(name: string, token: string, body: object): ReturnType<typeof request> {
	return request("POST", `/api/v1/nodes/${name}/join`, body, { Authorization: `Bearer ${token}` });
}

/** Opens a node's link, or is refused. */
export function dialAs(name: string, credential: string): Promise<Response> {
	const headers = { Upgrade: "websocket", Authorization: `Bearer ${credential}` };
	return exports.default.fetch(`http://klaw/api/v1/nodes/${name}/link`, { headers });
}

/** The machine's credential, for which it joins when it has none. @throws Error with the server's sentence */
async function credentialOf(name: string, uid: string): Promise<string> {
	const key = `${name} ${uid}`;
	const known = credentials.get(key);
	if (known !== undefined) return known;
	const { code, body } = await joinAs(name, await newJoinToken(), { uid });
	if (code !== 201) throw new Error(`node ${name} could not join: ${body.message}`);
	credentials.set(key, body.credential);
	return body.credential;
}

export class RawNode {
	readonly name: string;
	readonly #socket: WebSocket;
	readonly #frames: ToNode[] = [];
	#wake: () => void = () => undefined;
	closed: { code: number; reason: string } | undefined;
	incarnation = 0;

	private constructor(name: string, socket: WebSocket) {
		this.name = name;
		this.#socket = socket;
		socket.accept();
		socket.addEventListener("message", ({ data }) => {
			const frame = typeof data === "string" ? parseFrame(toNodeSchema, data) : undefined;
			if (frame) this.#frames.push(frame);
			this.#wake();
		});
		socket.addEventListener("close", ({ code, reason }) => {
			this.closed = { code, reason };
			this.#wake();
		});
	}

	/** Dials in and says hello. The answer, `welcome` or `reject`, is the next frame. */
	static async dial(
		name: string,
		uid: string,
		calls: { callId: string; session: string; state: "running" | "finished" }[] = [],
		features: string[] = [],
	): Promise<RawNode> {
		let response = await dialAs(name, await credentialOf(name, uid));
		if (response.status === 401) {
			// As a machine does that has a join token still.
			credentials.delete(`${name} ${uid}`);
			response = await dialAs(name, await credentialOf(name, uid));
		}
		if (!response.webSocket) throw new Error(`no WebSocket: ${response.status} ${await response.text()}`);
		const node = new RawNode(name, response.webSocket);
		const capacity = { cpu: 4, memory: 4 * 2 ** 30, slots: 16 };
		const facts = { name, uid, version: "1", os: "linux", arch: "x64", capacity, labels: {}, features };
		node.send({ type: "hello", id: "hello", node: facts, calls });
		return node;
	}

	/** @param features what it can that older machines cannot */
	static async join(name: string, uid: string, features: string[] = []): Promise<RawNode> {
		const node = await RawNode.dial(name, uid, [], features);
		node.incarnation = (await node.next("welcome")).incarnation;
		return node;
	}

	/** Sends a frame under this node's incarnation, unless it names another; nothing when the server has hung up. */
	send(frame: { type: ToServer["type"]; incarnation?: number } & Record<string, unknown>): void {
		if (this.closed) return;
		this.#socket.send(JSON.stringify({ v: PROTOCOL_VERSION, incarnation: this.incarnation, ...frame }));
	}

	result(call: Frame<"call">, content: string, part: Record<string, unknown> = {}): void {
		this.send({ type: "result", id: call.id, session: call.session, result: { content, isError: false, durationMs: 1 }, ...part });
	}

	/** The next frame of this type; frames of other types stay for later. */
	async next<T extends ToNode["type"]>(type: T, timeoutMs = 10_000): Promise<Frame<T>> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const index = this.#frames.findIndex((frame) => frame.type === type);
			const [frame] = index < 0 ? [] : this.#frames.splice(index, 1);
			if (frame) return frame as Frame<T>;
			if (Date.now() > deadline) throw new Error(`node ${this.name} got no ${type} frame within ${timeoutMs} ms`);
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
				setTimeout(resolve, 50);
			});
		}
	}

	/** Whether a frame of this type is there already. */
	has(type: ToNode["type"]): boolean {
		return this.#frames.some((frame) => frame.type === type);
	}

	/** Answers a `forget`. */
	forgotten({ id }: Frame<"forget">): void {
		this.send({ type: "forgotten", id });
	}

	close(): void {
		this.#socket.close(1000, "bye");
	}
}
