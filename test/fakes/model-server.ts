import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { FakeAnswer, FakeBody, FakeFailure, FakeOptions, FakeRequest, FakeServer, Fault } from "./reply.ts";

/** How one API puts replies on the wire. */
export interface Wire {
	/** What follows `http://127.0.0.1:PORT` in the base URL that clients are given. */
	basePath: string;
	/** Where requests are answered; anything else is a 404. */
	path: string;
	/** The key that a request bears. */
	keyOf(request: FakeRequest): string | undefined;
	/** What the real API finds wrong with a request, as the message of its 400. */
	refuse(body: FakeBody): string | undefined;
	/** The server-sent events of an answer, each with its closing blank line. */
	events(answer: FakeAnswer, request: FakeRequest, n: number): string[];
	/** The error event of a stream. */
	errorEvent(fault: Fault): string;
	/** Body and headers of an error response. */
	failure(failure: FakeFailure, n: number): { body: string; headers: Record<string, string> };
}

/** Starts a server on 127.0.0.1 that speaks `wire` and does what the script says. */
export async function startModelServer(wire: Wire, options: FakeOptions): Promise<FakeServer> {
	const requests: FakeRequest[] = [];
	let connections = 0;
	let count = 0;

	const server = createServer((incoming, response) => {
		handle(incoming, response).catch((error) => {
			// A script that throws is a broken test: say so where the test can see it.
			if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
			response.end(`the fake's script failed: ${error}`);
		});
	});
	server.on("connection", () => {
		connections++;
	});
	server.keepAliveTimeout = 60_000;
	await listen(server, options.port ?? 0);
	const address = server.address();
	const port = typeof address === "object" && address ? address.port : 0;

	async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
		const request = await readRequest(incoming);
		if (options.record !== false) requests.push(request);
		const n = ++count;
		const fail = (failure: FakeFailure) => {
			const { body, headers } = wire.failure(failure, n);
			response.writeHead(failure.status, { ...headers, ...failure.headers });
			response.end(failure.body ?? body);
		};
		if (request.method !== "POST" || request.path !== wire.path) {
			return fail({ status: 404, type: "not_found_error", message: `Invalid URL (${request.method} ${request.path})` });
		}
		if (options.key !== undefined && wire.keyOf(request) !== options.key) {
			return fail({ status: 401, type: "authentication_error", message: "invalid API key" });
		}
		// A benchmark's requests are known to be right, and checking them costs more than answering.
		const refused = options.record === false ? undefined : wire.refuse(request.body);
		if (refused !== undefined) return fail({ status: 400, type: "invalid_request_error", message: refused });

		const reply = await options.script(request, n);
		if (reply === "hang") return;
		if ("status" in reply) return fail(reply);
		const events = wire.events(reply, request, n);
		response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
		if (!reply.delayMs && !reply.fault) {
			response.end(events.join(""));
			return;
		}
		await streamEvents(wire, reply, events, response);
	}

	return {
		url: `http://127.0.0.1:${port}${wire.basePath}`,
		requests,
		get connections() {
			return connections;
		},
		openConnections: () =>
			new Promise((resolve, reject) => server.getConnections((error, open) => (error ? reject(error) : resolve(open)))),
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

async function streamEvents(wire: Wire, answer: FakeAnswer, events: string[], response: ServerResponse): Promise<void> {
	const { fault } = answer;
	const sent = events.slice(0, fault?.afterEvents);
	for (const event of sent) {
		if (answer.delayMs) await sleep(answer.delayMs);
		if (response.destroyed) return;
		// Waits until the event is on its way, so that a cut does not overtake it.
		await new Promise<void>((resolve) => response.write(event, () => resolve()));
	}
	switch (fault?.kind) {
		case "cut":
			response.socket?.resetAndDestroy();
			return;
		case "hang":
			return;
		case "garbage":
			response.end("event: message_delta\ndata: {half a json\n\n");
			return;
		case "error":
			response.end(wire.errorEvent(fault));
			return;
		default:
			response.end();
	}
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk);
	const text = Buffer.concat(chunks).toString("utf8");
	let parsed: FakeBody | undefined;
	const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()]));
	return {
		method: incoming.method ?? "",
		path: incoming.url ?? "",
		headers,
		text,
		get body() {
			parsed ??= JSON.parse(text) as FakeBody;
			return parsed;
		},
	};
}

function listen(server: Server, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", () => resolve());
	});
}
