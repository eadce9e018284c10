import { fetch, type Response } from "undici";
import { connectionLost } from "./connection-lost.ts";
import { dispatcherFor } from "./dispatcher.ts";
import { ApiError, CliError, type ConnectionError, type Status } from "./errors.ts";
import type { Connection } from "./kubeconfig.ts";

export interface RequestOptions {
	method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Sent as JSON; its media type is another one when `headers` say so. */
	body?: unknown;
	headers?: Record<string, string>;
	signal?: AbortSignal | undefined;
}

/** Longest wait for an answer that is not a stream. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * The API of one cluster. Every failure is an {@link ApiError} (the server said no) or a {@link ConnectionError}
 * (whether it took effect is unknown); nothing is repeated here.
 */
export class ApiClient {
	readonly connection: Connection;
	/** Told the text of each `Warning` of the server, each text once. */
	readonly #warn: (text: string) => void;
	readonly #warned = new Set<string>();

	constructor(connection: Connection, warn: (text: string) => void = () => undefined) {
		this.connection = connection;
		this.#warn = warn;
	}

	/** The body of a successful answer, as the API documents it for this path. */
	async json<T>(path: string, options: RequestOptions = {}): Promise<T> {
		const body = await this.text(path, options);
		try {
			return JSON.parse(body) as T;
		} catch {
			throw new CliError(`${this.#url(path)} answered with something that is not JSON. Is this a klaw server?`);
		}
	}

	/** The same as it came. */
	async text(path: string, options: RequestOptions = {}): Promise<string> {
		const timeout = AbortSignal.timeout(this.#timeoutMs);
		const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
		const response = await this.#send(path, { ...options, signal });
		try {
			return await response.text();
		} catch (error) {
			throw this.#lost(error);
		}
	}

	/** The bytes of an event stream, from a response that has begun well. Ends by throwing when the connection breaks. */
	async *bytes(path: string, options: RequestOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
		const response = await this.#send(path, options);
		if (!response.body) return;
		try {
			for await (const chunk of response.body) yield chunk;
		} catch (error) {
			throw this.#lost(error);
		}
	}

	async #send(path: string, { method = "GET", body, headers, signal }: RequestOptions): Promise<Response> {
		let response: Response;
		try {
			response = await fetch(this.#url(path), {
				method,
				signal: signal ?? null,
				dispatcher: dispatcherFor(this.connection.tls),
				headers: [
					...this.#identity(),
					...Object.entries({ ...(body !== undefined && { "Content-Type": "application/json" }), ...headers }),
				],
				...(body !== undefined && { body: JSON.stringify(body) }),
			});
		} catch (error) {
			throw this.#lost(error);
		}
		for (const warning of warningsOf(response.headers.get("Warning") ?? "")) {
			if (!this.#warned.has(warning)) this.#warn(warning);
			this.#warned.add(warning);
		}
		if (!response.ok) throw this.#refused(response.status, await response.text().catch(() => ""));
		return response;
	}

	#identity(): [string, string][] {
		const { token, as } = this.connection;
		const headers: [string, string][] = token === undefined ? [] : [["Authorization", `Bearer ${token}`]];
		if (!as) return headers;
		headers.push(["Impersonate-User", as.user]);
		for (const group of as.groups ?? []) headers.push(["Impersonate-Group", group]);
		if (as.uid !== undefined) headers.push(["Impersonate-Uid", as.uid]);
		return headers;
	}

	get #timeoutMs(): number {
		return this.connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
	}

	#url(path: string): string {
		return `${this.connection.server}${path}`;
	}

	#refused(code: number, text: string): ApiError {
		const status = parseStatus(text) ?? {
			kind: "Status",
			reason: REASONS[code],
			message: `${this.connection.server} answered ${code}: ${text.slice(0, 200).trim()}`,
		};
		if (code !== 401) return new ApiError(code, status);
		return new ApiError(code, {
			...status,
			message: `${status.message ?? "Unauthorized."} The token is that of ${this.connection.source}; is it the kubeconfig of this server?`,
		});
	}

	#lost(error: unknown): ConnectionError {
		return connectionLost(error, this.connection.server, this.#timeoutMs);
	}
}

/** For answers that carry no `Status`, e.g. of a proxy in between. */
const REASONS: Record<number, string> = {
	401: "Unauthorized",
	403: "Forbidden",
	404: "NotFound",
	429: "TooManyRequests",
	500: "InternalError",
	503: "ServiceUnavailable",
};

function parseStatus(text: string): Status | undefined {
	try {
		const status: unknown = JSON.parse(text);
		const known = typeof status === "object" && status !== null && "kind" in status && status.kind === "Status";
		return known ? (status as Status) : undefined;
	} catch {
		return undefined;
	}
}

/** The texts of a `Warning` header (RFC 7234: `299 - "text"`, several with commas between). */
function warningsOf(header: string): string[] {
	return [...header.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
}
