import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Connection } from "./connection.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";
import { TIMING } from "./timing.ts";

const PIECE = new Uint8Array(2 ** 20);
const PIECES = 24;

/** A welcomed connection to a server that answers no heartbeat, and the server's end of it. */
async function connection() {
	const http = createServer();
	const sockets = new WebSocketServer({ server: http });
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
	const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, { perMessageDeflate: false });
	const [server, request]: [WebSocket, IncomingMessage] = await once(sockets, "connection").then(([at, of]) => [at, of]);
	onTestFinished(() => {
		server.terminate();
		http.close();
	});
	const timing = { ...TIMING, heartbeatMs: 25, heartbeatLostMs: 300 };
	const capacity = { cpu: 1, memory: 1, slots: 1 };
	const node = { name: "n", uid: "u", version: "1", os: "linux", arch: "x64", capacity, labels: {}, taints: [], addresses: [] };
	const welcome = Promise.withResolvers<void>();
	const link = new Connection({
		...{ socket, timing, log: () => undefined, lost: () => undefined },
		hello: () => ({ v: PROTOCOL_VERSION, type: "hello", id: "h", incarnation: 0, node, calls: [] }),
		welcome: async () => welcome.resolve(),
		...{ receive: async () => undefined, receiveData: () => undefined, deleted: async () => undefined },
	});
	const ended = link.run(new AbortController().signal);
	server.send(JSON.stringify({ v: PROTOCOL_VERSION, type: "welcome", id: "h", incarnation: 1 }));
	await welcome.promise;
	return { link, server, wire: request.socket, ended };
}

it("holds while what it sends is taken, however late the heartbeats behind it are answered", async () => {
	const { link, server, wire, ended } = await connection();
	let came = 0;
	const all = new Promise<string>((resolve) => server.on("message", (_, isBinary) => isBinary && ++came === PIECES && resolve("all came")));
	// A slow line, until what is left is in the buffers of the system.
	wire.on("data", () => {
		if (came > PIECES / 2) return;
		wire.pause();
		setTimeout(() => wire.resume(), 4);
	});
	for (let piece = 0; piece < PIECES; piece++) link.sendData(PIECE);
	expect(await Promise.race([all, ended])).toBe("all came");
	expect((await ended).why).toBe("The server did not answer for 0.3 s.");
});

it("ends when nothing of what it sends is taken", async () => {
	const { link, wire, ended } = await connection();
	wire.pause();
	for (let piece = 0; piece < PIECES; piece++) link.sendData(PIECE);
	expect((await ended).why).toBe("The server did not answer for 0.3 s.");
});
