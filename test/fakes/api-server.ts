import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { text } from "node:stream/consumers";

export interface ApiRequest {
	method: string;
	/** Path with its query. */
	path: string;
	headers: IncomingHttpHeaders;
	body: unknown;
}

/**
 * An answer; `cut` breaks the connection instead of, or after, `stream`; `hold` keeps it open until the reader leaves.
 */
export interface ApiReply {
	status?: number;
	json?: unknown;
	stream?: string[];
	/** Media type, where it is not JSON or, for a stream, `text/event-stream`. */
	type?: string;
	end?: "clean" | "cut" | "hold";
}

/**
 * An API server that breaks connections and loses answers on demand, which the real one cannot be made to do. What
 * each request gets is up to the test.
 */
export class FakeApiServer {
	readonly requests: ApiRequest[] = [];
	readonly #server: Server;
	#reply: (request: ApiRequest) => ApiReply = () => ({ status: 500 });

	constructor() {
		this.#server = createServer(async (request, response) => {
			const raw = await text(request);
			const seen = {
				method: request.method ?? "",
				path: request.url ?? "",
				headers: request.headers,
				// kubectl sends some things as protobuf: those are left as they are.
				body: raw === "" || request.headers["content-type"]?.includes("protobuf") ? raw || undefined : JSON.parse(raw),
			};
			this.requests.push(seen);
			const { status = 200, json, stream, type, end = "clean" } = this.#reply(seen);
			if (json === undefined && stream === undefined && end === "cut") return request.socket.destroy();
			response.writeHead(status, { "content-type": type ?? (stream ? "text/event-stream" : "application/json") });
			if (json !== undefined) response.write(JSON.stringify(json));
			for (const piece of stream ?? []) response.write(piece);
			if (end === "clean") response.end();
			// What was written has to leave first.
			if (end === "cut") response.write("", () => setImmediate(() => request.socket.destroy()));
		});
	}

	answer(reply: (request: ApiRequest) => ApiReply): void {
		this.#reply = reply;
	}

	/** `port` 0: any free one. */
	async listen(port = 0): Promise<void> {
		await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
	}

	get url(): string {
		const address = this.#server.address();
		return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise<unknown>((resolve) => this.#server.close(resolve));
	}
}

/** A journaled event as the event stream sends it. */
export function frame(seq: number, event: { type: string }): string {
	return `id: ${seq}\nevent: ${event.type}\ndata: ${JSON.stringify({ seq, at: seq * 1000, event })}\n\n`;
}

/** A Kubernetes error. */
export function failure(status: number, reason: string, message: string): ApiReply {
	return { status, json: { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message } };
}
