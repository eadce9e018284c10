import { Agent, request } from "node:http";
import type { Klaw } from "../../e2e/klaw-process.ts";
import { monotonicMs } from "../monotonic.ts";

export interface ApiAnswer {
	text: string;
	/** From the call until the last byte of the answer was here. */
	ms: number;
	/** When it was sent, by `monotonicMs`. */
	sentAt: number;
}

/** Requests over a few connections that stay open, as clients of Kubernetes hold them. */
export class ApiClient {
	readonly #klaw: Klaw;
	readonly #token: string;
	readonly #agent: Agent;

	constructor(klaw: Klaw, token: string, connections = 1) {
		this.#klaw = klaw;
		this.#token = token;
		this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
	}

	get(path: string, accept = "application/json"): Promise<ApiAnswer> {
		return this.#send("GET", path, undefined, { accept });
	}

	post(path: string, body: object): Promise<ApiAnswer> {
		return this.#send("POST", path, body, { "content-type": "application/json" });
	}

	/** A merge patch. */
	patch(path: string, body: object): Promise<ApiAnswer> {
		return this.#send("PATCH", path, body, { "content-type": "application/merge-patch+json" });
	}

	close(): void {
		this.#agent.destroy();
	}

	/** @throws Error for every answer that is no success */
	#send(method: string, path: string, body: object | undefined, more: Record<string, string>): Promise<ApiAnswer> {
		const text = body === undefined ? undefined : JSON.stringify(body);
		const headers = {
			...more,
			authorization: `Bearer ${this.#token}`,
			...(text !== undefined && { "content-length": Buffer.byteLength(text) }),
		};
		const sentAt = monotonicMs();
		return new Promise((resolve, reject) => {
			const asked = request({ agent: this.#agent, host: "127.0.0.1", port: this.#klaw.port, method, path, headers }, (answer) => {
				const chunks: Buffer[] = [];
				answer.on("data", (chunk: Buffer) => chunks.push(chunk));
				answer.on("error", reject);
				answer.on("end", () => {
					const ms = monotonicMs() - sentAt;
					const said = Buffer.concat(chunks).toString();
					const code = answer.statusCode ?? 0;
					if (code >= 200 && code < 300) resolve({ text: said, ms, sentAt });
					else reject(new Error(`${method} ${path} was answered ${code}: ${said.slice(0, 500)}`));
				});
			});
			asked.on("error", reject);
			asked.end(text);
		});
	}
}
