import { once } from "node:events";
import { WebSocket } from "ws";
import type { Json, Klaw } from "./klaw-process.ts";

/** What a machine may well have. */
export const HONEST = { cpu: 4, memory: 2 ** 32, slots: 4 };

/** A machine that speaks the node protocol by hand, over the network. It has one connection. */
export class RawMachine {
	/** What the server says to its hello. */
	readonly answer: Promise<Json>;
	readonly #socket: WebSocket;
	readonly #frames: Json[] = [];

	private constructor(socket: WebSocket) {
		this.#socket = socket;
		socket.on("message", (data) => this.#frames.push(JSON.parse(String(data))));
		this.answer = this.next(({ type }) => type === "welcome" || type === "reject");
	}

	/** Joins, if it has not yet, dials in and says hello. */
	static async dial(to: Klaw, name: string, capacity: object): Promise<RawMachine> {
		const headers = { Authorization: `Bearer ${await credentialOf(to, name)}` };
		const socket = new WebSocket(`${to.url}/api/v1/nodes/${name}/link`, { headers });
		const machine = new RawMachine(socket);
		await once(socket, "open");
		machine.send({ v: 1, type: "hello", id: "hello", incarnation: 0, node: RawMachine.facts(name, capacity), calls: [] });
		return machine;
	}

	/** What a machine says of itself. */
	static facts(name: string, capacity: object): Json {
		const labels = { "kubernetes.io/hostname": name };
		return { name, uid: `uid-of-${name}`, version: "1", os: "linux", arch: "x64", capacity, labels };
	}

	send(frame: object): void {
		this.sendText(JSON.stringify(frame));
	}

	sendText(text: string | Uint8Array): void {
		this.#socket.send(text);
	}

	/** The next frame that is wanted; those before it are passed over. */
	async next(wanted: (frame: Json) => boolean): Promise<Json> {
		for (;;) {
			const frame = this.#frames.shift();
			if (frame !== undefined && wanted(frame)) return frame;
			if (frame === undefined) await once(this.#socket, "message");
		}
	}

	close(): void {
		this.#socket.close();
	}
}

/** By server and name of the node. */
const credentials = new Map<string, string>();

async function credentialOf(to: Klaw, name: string): Promise<string> {
	const known = credentials.get(`${to.url} ${name}`);
	if (known !== undefined) return known;
	const response = await fetch(`${to.url}/api/v1/nodes/${name}/join`, {
		method: "POST",
		headers: { Authorization: `Bearer ${await to.joinToken()}`, "Content-Type": "application/json" },
		body: JSON.stringify({ uid: `uid-of-${name}` }),
	});
	const { credential } = (await response.json()) as Json;
	credentials.set(`${to.url} ${name}`, credential);
	return credential;
}
