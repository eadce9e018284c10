import { createHash } from "node:crypto";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { PROTOCOL_VERSION, parseFrame, type ToServer, toServerSchema } from "./protocol.ts";
import { readySchema, unreadySchema } from "./ready.ts";
import { startNode } from "./runtime.ts";
import { serveFailure } from "./serve-failure.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

/** A runtime that is dialled, and its port. */
async function listening(dataDir = temporaryDirectory()) {
	const log: string[] = [];
	const node = await startNode({
		...{ listen: 0, keySha256: createHash("sha256").update("key").digest("hex"), name: "c", dataDir },
		...{ log: (line: string) => log.push(line), timing: { resendMs: 50, outputMs: 20 } },
	});
	onTestFinished(() => node.stop().catch(() => undefined));
	await expect.poll(() => log.join()).toMatch(/Listening on port \d+/);
	return { node, port: Number(/port (\d+)/.exec(log.join())?.[1]) };
}

/** The server's end of a link: it dials. */
class Server {
	readonly frames: ToServer[] = [];
	readonly socket: WebSocket;

	constructor(port: number, key = "key") {
		this.socket = new WebSocket(`ws://127.0.0.1:${port}/link`, { headers: { authorization: `Bearer ${key}` } });
		this.socket.on("message", (data) => {
			const frame = parseFrame(toServerSchema, String(data));
			if (frame) this.frames.push(frame);
		});
		this.socket.on("error", () => undefined);
		onTestFinished(() => this.socket.terminate());
	}

	async welcome(incarnation = 1): Promise<void> {
		await expect.poll(() => this.frames.some(({ type }) => type === "hello")).toBe(true);
		this.socket.send(JSON.stringify({ v: PROTOCOL_VERSION, type: "welcome", id: "h", incarnation }));
	}

	call(id: string, command: string, incarnation = 1): void {
		const call = {
			v: PROTOCOL_VERSION,
			type: "call",
			id,
			incarnation,
			session: "default/s",
			workspace: "s",
			tool: "bash",
			timeoutMs: 30_000,
		};
		this.socket.send(JSON.stringify({ ...call, arguments: { command } }));
	}

	async result(id: string): Promise<string | undefined> {
		const find = () => this.frames.find((frame) => frame.type === "result" && frame.id === id);
		await expect.poll(find, { timeout: 10_000 }).toBeDefined();
		const frame = find();
		return frame?.type === "result" ? frame.result.content : undefined;
	}
}

it("a node that is dialled says who it is to whoever asks, and hello to whoever dials", async () => {
	const { port } = await listening();
	const ready = readySchema.parse(await (await fetch(`http://127.0.0.1:${port}/ready`)).json());
	const server = new Server(port);
	await expect.poll(() => server.frames[0]).toMatchObject({ type: "hello", node: { name: "c", uid: ready.uid } });
	await server.welcome(3);
	await expect.poll(async () => (await (await fetch(`http://127.0.0.1:${port}/ready`)).json()).incarnation).toBe(3);
});

it("goes on with what it runs while nobody is connected, and reports it to whoever dials next", async () => {
	const { port } = await listening();
	const first = new Server(port);
	await first.welcome();
	first.call("c1", "sleep 0.5; echo survived");
	await expect.poll(() => first.socket.bufferedAmount).toBe(0);
	first.call("c2", "echo now");
	expect(await first.result("c2")).toContain("now");
	first.socket.terminate();
	const second = new Server(port);
	await second.welcome();
	expect(await second.result("c1")).toContain("survived");
});

it("answers each frame before it acts on it, so that no proxy holds the next one back", async () => {
	const { port } = await listening();
	const server = new Server(port);
	await server.welcome();
	let pongs = 0;
	server.socket.on("pong", () => pongs++);
	server.call("c1", "sleep 5");
	server.call("c2", "sleep 5");
	await expect.poll(() => pongs).toBeGreaterThanOrEqual(2);
	expect(server.frames.filter(({ type }) => type === "result")).toEqual([]);
});

it("gives up the older of two connections", async () => {
	const { port } = await listening();
	const first = new Server(port);
	await first.welcome();
	const closed = once(first.socket, "close");
	const second = new Server(port);
	await closed;
	await second.welcome();
	second.call("c1", "echo hello");
	expect(await second.result("c1")).toContain("hello");
});

it("takes no connection without the key, not even the first: its port can be reached by every command that it runs", async () => {
	const { port } = await listening();
	const refused = async () => {
		for (const key of ["guess", "", createHash("sha256").update("key").digest("hex")]) {
			const [error] = await once(new Server(port, key).socket, "error");
			expect(String(error)).toContain("401");
		}
	};
	await refused();
	const server = new Server(port, "key");
	await server.welcome();
	await refused();
	server.call("c1", "echo still here");
	expect(await server.result("c1")).toContain("still here");
});

it("says why a start failed until it was heard, and its last lines", async () => {
	const { port, node } = await listening();
	await node.stop();
	const heard = serveFailure(port, { message: "The data directory cannot be used.", log: ["line 1"] }, 30_000);
	// As the platform does, to see whether anything listens.
	await expect
		.poll(() =>
			fetch(`http://127.0.0.1:${port}/ping`).then(
				({ status }) => status,
				() => undefined,
			),
		)
		.toBe(503);
	await expect
		.poll(() =>
			fetch(`http://127.0.0.1:${port}/ready`).then(
				async (response) => unreadySchema.parse(await response.json()),
				() => undefined,
			),
		)
		.toEqual({
			message: "The data directory cannot be used.",
			log: ["line 1"],
		});
	await heard;
});
