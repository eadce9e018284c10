import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { decodeData, encodeData, STDERR, STDIN, STDOUT, WINDOW_BYTES } from "../../containers/node/exec/protocol.ts";
import { parseFrame, type ToNode, toNodeSchema } from "../../containers/node/protocol.ts";
import { DEFAULT_CLUSTER, nodeObjectName } from "../names.ts";

/** One end of a WebSocket that remembers what it got. */
class Peer {
	readonly binary: Uint8Array[] = [];
	readonly text: string[] = [];
	closed: number | undefined;
	readonly #socket: WebSocket;

	constructor(socket: WebSocket) {
		this.#socket = socket;
		socket.binaryType = "arraybuffer";
		socket.accept();
		socket.addEventListener("message", ({ data }) => {
			if (typeof data === "string") this.text.push(data);
			else this.binary.push(new Uint8Array(data));
		});
		socket.addEventListener("close", ({ code }) => {
			this.closed = code;
		});
	}

	send(message: string | Uint8Array<ArrayBuffer>): void {
		this.#socket.send(message);
	}

	say(frame: Record<string, unknown>): void {
		this.send(JSON.stringify({ v: 1, incarnation: 1, ...frame }));
	}

	close(): void {
		this.#socket.close(1000);
	}

	frames<T extends ToNode["type"]>(type: T): Extract<ToNode, { type: T }>[] {
		const all = this.text.flatMap((text) => parseFrame(toNodeSchema, text) ?? []);
		return all.filter((frame): frame is Extract<ToNode, { type: T }> => frame.type === type);
	}

	/** Data for the commands of this machine. */
	stdin(): string {
		return this.binary.map((frame) => new TextDecoder().decode(decodeData(frame)?.bytes)).join("");
	}

	/** What came on a channel of a client. */
	channel(channel: number): string {
		const frames = this.binary.filter((frame) => frame[0] === channel);
		return frames.map((frame) => new TextDecoder().decode(frame.subarray(1))).join("");
	}

	/** The Status on the error channel. */
	status(): unknown {
		return JSON.parse(this.channel(3));
	}
}

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const open: Peer[] = [];
afterEach(() => {
	for (const peer of open.splice(0)) peer.close();
});

async function dial(node: string, path: string, headers: Record<string, string>): Promise<Response> {
	return env.NODE.getByName(nodeObjectName(node, DEFAULT_CLUSTER)).fetch(`https://node/${path}`, {
		headers: { Upgrade: "websocket", ...headers },
	});
}

const protocols = (offered: string) => ({ "Sec-WebSocket-Protocol": offered });

function peerOf({ webSocket }: Response): Peer {
	if (!webSocket) throw new Error("no WebSocket");
	const peer = new Peer(webSocket);
	open.push(peer);
	return peer;
}

/** Machines keep their credentials. */
const credentials = new Map<string, string>();

async function machine(name: string): Promise<Peer> {
	const joined = await env.NODE.getByName(nodeObjectName(name, DEFAULT_CLUSTER)).join({ uid: name, credential: credentials.get(name) });
	if (!joined.ok) throw new Error(joined.status.message);
	credentials.set(name, joined.value.credential);
	const peer = peerOf(await dial(name, "link", { Authorization: `Bearer ${joined.value.credential}` }));
	const capacity = { cpu: 1, memory: 1, slots: 1 };
	peer.say({ type: "hello", id: "h", incarnation: 0, node: { name, uid: name, version: "1", os: "linux", arch: "x64", capacity } });
	await until(() => peer.frames("welcome").length > 0);
	return peer;
}

const QUERY = "exec?session=ns%2Fs&workspace=w&incarnation=1&command=sh&command=-c&command=a%20b&stdin=true&stdout=true&stderr=true";

async function running(name: string, query = QUERY) {
	const node = await machine(name);
	const client = peerOf(await dial(name, query, protocols("v5.channel.k8s.io")));
	await until(() => node.frames("exec").length > 0);
	const [start] = node.frames("exec");
	if (!start) throw new Error("unreachable");
	node.say({ type: "exec-started", id: start.id });
	return { node, client, id: start.id, start };
}

const bytes = (channel: number, text: string) => new Uint8Array([channel, ...new TextEncoder().encode(text)]);
const data = (id: string, channel: number, text: string) => encodeData({ id, channel, bytes: new TextEncoder().encode(text) });

describe("a client of exec", () => {
	test("has its command started on the machine, and its protocol confirmed", async () => {
		const node = await machine("exec-start");
		const response = await dial(
			"exec-start",
			`${QUERY}&tty=true&limits=%7B%22processes%22%3A5%7D`,
			protocols("v4.channel.k8s.io, v5.channel.k8s.io"),
		);
		peerOf(response);
		expect(response.headers.get("Sec-WebSocket-Protocol")).toBe("v5.channel.k8s.io");
		await until(() => node.frames("exec").length > 0);
		expect(node.frames("exec")[0]).toMatchObject({
			...{ session: "ns/s", workspace: "w", incarnation: 1, command: ["sh", "-c", "a b"], stdin: true, tty: true },
			limits: { processes: 5 },
		});
	});

	test("types, closes its input, resizes its terminal, and reads both outputs and the exit code", async () => {
		const { node, client, id } = await running("exec-talk");
		client.send(bytes(0, "hello "));
		client.send(bytes(0, "there"));
		client.send(bytes(4, '{"Width":80,"Height":24}'));
		client.send(new Uint8Array([255, 0]));
		await until(() => node.frames("exec-eof").length > 0);
		expect(node.stdin()).toBe("hello there");
		expect(node.frames("exec-resize")).toMatchObject([{ id, columns: 80, rows: 24 }]);
		node.send(data(id, STDOUT, "out"));
		node.send(data(id, STDERR, "err"));
		node.say({ type: "exec-exit", id, exitCode: 3 });
		await until(() => client.closed !== undefined);
		expect([client.channel(STDOUT), client.channel(STDERR), client.closed]).toEqual(["out", "err", 1000]);
		expect(client.status()).toMatchObject({ reason: "NonZeroExitCode", details: { causes: [{ message: "3" }] } });
		expect(node.frames("exec-credit").reduce((sum, frame) => sum + frame.bytes, 0)).toBe(6);
	});

	test("gets no channel that it did not ask for", async () => {
		const { node, client, id } = await running("exec-no-stderr", QUERY.replace("&stderr=true", ""));
		node.send(data(id, STDERR, "err"));
		node.send(data(id, STDOUT, "out"));
		node.say({ type: "exec-exit", id, exitCode: 0 });
		await until(() => client.closed !== undefined);
		expect([client.channel(STDOUT), client.channel(STDERR)]).toEqual(["out", ""]);
	});

	test("is heard as far as the machine has room, and in full in the end", async () => {
		const { node, client, id } = await running("exec-room");
		const piece = "x".repeat(32 * 1024);
		const all = 3 * WINDOW_BYTES;
		for (let sent = 0; sent < all; sent += piece.length) client.send(bytes(STDIN, piece));
		client.send(new Uint8Array([255, 0]));
		client.send(bytes(4, '{"Width":80,"Height":24}'));
		// It overtakes the input, and shows that all of that has reached the object.
		await until(() => node.frames("exec-resize").length > 0);
		expect(node.stdin().length).toBe(WINDOW_BYTES);
		expect(node.frames("exec-eof")).toEqual([]);
		let given = 0;
		await until(() => {
			const got = node.stdin().length;
			if (got > given) node.say({ type: "exec-credit", id, bytes: got - given });
			given = got;
			return node.frames("exec-eof").length > 0;
		});
		expect(node.stdin().length).toBe(all);
	});

	test("that leaves has its command stopped", async () => {
		const { node, client, id } = await running("exec-leave");
		client.close();
		await until(() => node.frames("exec-stop").length > 0);
		expect(node.frames("exec-stop")).toMatchObject([{ id }]);
	});

	test.each([
		["loses its connection", async (node: Peer) => node.close(), /lost/],
		["dials in again", async (_: Peer, name: string) => void (await machine(name)), /lost its connection/],
		["is deleted", async (_: Peer, name: string) => env.NODE.getByName(nodeObjectName(name, DEFAULT_CLUSTER)).remove(), /was deleted/],
		["says why not", async (node: Peer, _: string, id: string) => node.say({ type: "exec-exit", id, message: "Why not." }), /^Why not\.$/],
	])("is told when the machine %s", async (what, happens, message) => {
		const name = `exec-${what.replaceAll(" ", "-")}`;
		const { node, client, id } = await running(name);
		await happens(node, name, id);
		await until(() => client.closed !== undefined);
		expect(client.status()).toMatchObject({ status: "Failure", message: expect.stringMatching(message) });
	});

	test("is told when the machine is away, or is not the session's any more", async () => {
		await machine("exec-other");
		for (const [name, query, message] of [
			["exec-nobody", QUERY, /not connected/],
			["exec-other", QUERY.replace("incarnation=1", "incarnation=7"), /is gone/],
		] as const) {
			const client = peerOf(await dial(name, query, protocols("v5.channel.k8s.io")));
			await until(() => client.closed !== undefined);
			expect(client.status()).toMatchObject({ status: "Failure", message: expect.stringMatching(message) });
		}
	});

	test("that speaks no protocol of ours gets no WebSocket", async () => {
		expect((await dial("exec-nobody", QUERY, protocols("channel.k8s.io"))).status).toBe(400);
	});
});

describe("a command's place on its machine", () => {
	const ID = "6f1f6f1e-0000-4000-8000-000000000001";
	const nodeOf = (name: string) => env.NODE.getByName(nodeObjectName(name, DEFAULT_CLUSTER));
	const gone = async (name: string, id: string) => {
		while (await nodeOf(name).hasExec(id)) await new Promise((resolve) => setTimeout(resolve, 5));
	};

	test("is kept until the machine says that it is over, although its client has left", async () => {
		const { node, client, id } = await running("place-leave", `${QUERY}&exec=${ID}`);
		expect(id).toBe(ID);
		client.close();
		await until(() => node.frames("exec-stop").length > 0);
		expect(await nodeOf("place-leave").hasExec(id)).toBe(true);
		node.say({ type: "exec-exit", id, exitCode: 143 });
		await gone("place-leave", id);
		// What is not heard is said again.
		await until(() => node.frames("ack").some((frame) => frame.id === id));
	});

	test("is asked about at the machine again, when nobody is there who would wait for it", async () => {
		const { node, client, id } = await running("place-again");
		expect(await nodeOf("place-again").hasExec(id)).toBe(true);
		expect(node.frames("exec-stop")).toEqual([]);
		client.close();
		await until(() => node.frames("exec-stop").length > 0);
		await nodeOf("place-again").hasExec(id);
		await until(() => node.frames("exec-stop").length > 1);
	});

	test("whose client has vanished without a word is found out: it is written to, nothing that it would see, when somebody asks", async () => {
		const { client, id } = await running("place-probe");
		const before = client.binary.length;
		await nodeOf("place-probe").hasExec(id);
		await until(() => client.binary.length > before);
		expect([client.channel(STDOUT), client.closed]).toEqual(["", undefined]);
	});

	test("is kept while the machine is away, and is free when it dials in without it", async () => {
		const { node, client, id } = await running("place-away");
		node.close();
		await until(() => client.closed !== undefined);
		expect(await nodeOf("place-away").hasExec(id)).toBe(true);
		await machine("place-away");
		await gone("place-away", id);
	});

	test("is free when the machine is deleted", async () => {
		const { id } = await running("place-deleted");
		await nodeOf("place-deleted").remove();
		await gone("place-deleted", id);
	});

	test("is taken once: a command that is sent again is not run again", async () => {
		const { node } = await running("place-twice", `${QUERY}&exec=${ID}`);
		const again = peerOf(await dial("place-twice", `${QUERY}&exec=${ID}`, protocols("v5.channel.k8s.io")));
		await until(() => again.closed !== undefined);
		expect(again.status()).toMatchObject({ message: expect.stringContaining("not started twice") });
		expect(node.frames("exec")).toHaveLength(1);
	});

	test("is lost when it is cut: its client reads why, its processes end, and it does not begin afterwards", async () => {
		const { node, client, id } = await running("place-cut");
		const reason = "The command was cut, because its machine was wanted back: evicted by jane";
		await nodeOf("place-cut").endExec({ exec: id, incarnation: 1, reason });
		await until(() => client.closed !== undefined && node.frames("exec-stop").length > 0);
		expect(client.status()).toMatchObject({ status: "Failure", message: reason });
		expect(await nodeOf("place-cut").hasExec(id)).toBe(false);
		await nodeOf("place-cut").endExec({ exec: ID, incarnation: 1, reason });
		const late = peerOf(await dial("place-cut", `${QUERY}&exec=${ID}`, protocols("v5.channel.k8s.io")));
		await until(() => late.closed !== undefined);
		expect(late.status()).toMatchObject({ message: reason });
		expect(node.frames("exec")).toHaveLength(1);
	});
});

describe("a question about usage", () => {
	test("is answered by the machine", async () => {
		const node = await machine("stats-answer");
		const answer = env.NODE.getByName(nodeObjectName("stats-answer", DEFAULT_CLUSTER)).stats();
		await until(() => node.frames("stats").length > 0);
		const stats = { at: 1, windowMs: 15_000, node: { cpu: 0.5, memory: 7 }, workspaces: [{ workspace: "w", cpu: 0.1, memory: 3 }] };
		node.say({ type: "stats-report", id: node.frames("stats")[0]?.id, stats });
		expect(await answer).toEqual(stats);
	});

	test("has no answer while the machine is away", async () => {
		expect(await env.NODE.getByName(nodeObjectName("stats-nobody", DEFAULT_CLUSTER)).stats()).toBeUndefined();
	});
});
