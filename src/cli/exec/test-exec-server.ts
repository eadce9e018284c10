import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { exitFrame, failureFrame, readClientFrame } from "../../api/pods/exec-channels.ts";

/** A server that runs the commands of `pods/exec` in a directory of this machine, with real processes. */
export class TestExecServer {
	readonly #server: Server;
	/** Sessions by name, with their workspaces. All others are not found. */
	readonly workspaces = new Map<string, string>();
	/** Paths of the requests, without their queries. */
	readonly asked: string[] = [];
	/** What sessions wait for when they are looked at, one after the other; commands begin after the last. */
	readonly waitsFor: string[] = [];
	#hasNode: () => void = () => undefined;
	readonly #refusedHungUp = Promise.withResolvers<void>();
	/** Makes of a command's end something else. */
	breakAfter: ((socket: WebSocket, child: ChildProcess) => void) | undefined;

	constructor() {
		const sockets = new WebSocketServer({
			noServer: true,
			handleProtocols: (offered) => (offered.has("v5.channel.k8s.io") ? "v5.channel.k8s.io" : false),
		});
		this.#server = createServer((request, answer) => {
			if (!request.url?.includes("/sessions/") || this.waitsFor.length === 0) return answer.writeHead(404).end();
			const [waitingFor] = this.waitsFor.splice(0, 1);
			answer.end(JSON.stringify({ kind: "Session", status: { phase: "Idle", ...(waitingFor !== "" && { waitingFor }) } }));
			if (this.waitsFor.length === 0) this.#hasNode();
		});
		this.#server.on("upgrade", (request, socket, head) => {
			const url = new URL(request.url ?? "", "http://localhost");
			this.asked.push(url.pathname);
			const [, name = ""] = /\/pods\/([^/]+)\/exec$/.exec(url.pathname) ?? [];
			const workspace = this.workspaces.get(name);
			if (workspace === undefined) {
				const body = JSON.stringify({
					kind: "Status",
					status: "Failure",
					reason: "NotFound",
					code: 404,
					message: `pods "${name}" not found`,
				});
				// Kept open, as workerd does.
				socket.write(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
				socket.resume().once("end", () => this.#refusedHungUp.resolve());
				return;
			}
			const open = () => sockets.handleUpgrade(request, socket, head, (client) => this.#run(client, url.searchParams, workspace));
			if (this.waitsFor.length === 0) open();
			else this.#hasNode = open;
		});
	}

	async start(): Promise<void> {
		await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
	}

	/** Options of the command line that lead here. */
	get flags(): string[] {
		const { port } = this.#server.address() as AddressInfo;
		return ["--server", `http://127.0.0.1:${port}`, "--token", "t"];
	}

	/** A client whose command was refused has let go of its connection. */
	get refusedHungUp(): Promise<void> {
		return this.#refusedHungUp.promise;
	}

	stop(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	#run(client: WebSocket, query: URLSearchParams, cwd: string): void {
		const [file = "", ...words] = query.getAll("command");
		const child = spawn(file, words, { cwd });
		const pass = (channel: number) => (data: Buffer) => client.send(Buffer.concat([Buffer.of(channel), data]));
		child.stdout.on("data", pass(1));
		child.stderr.on("data", pass(2));
		child.stdin.on("error", () => undefined);
		if (query.get("stdin") !== "true") child.stdin.end();
		client.on("message", (data: Buffer) => {
			const frame = readClientFrame(data);
			if (frame?.type === "stdin" && !child.stdin.write(frame.bytes)) {
				client.pause();
				child.stdin.once("drain", () => client.resume());
			}
			if (frame?.type === "eof") child.stdin.end();
		});
		client.on("close", () => child.kill("SIGKILL"));
		child.on("error", (error) => client.send(failureFrame(error.message)));
		child.on("close", (code) => {
			client.send(exitFrame(code ?? 137));
			client.close(1000);
		});
		this.breakAfter?.(client, child);
	}
}
