import { ApiError, CliError, ConnectionError, type Status } from "./errors.ts";
import type { Connection } from "./kubeconfig.ts";

export interface RequestOptions {
	method?: "GET" | "POST" | "PUT" | "DELETE";
	/** Sent as JSON. */
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

	constructor(connection: Connection) {
		this.connection = connection;
	}

	/** The body of a successful answer, as the API documents it for this path. */
	async json<T>(path: string, options: RequestOptions = {}): Promise<T> {
		const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
		const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
		const response = await this.#send(path, { ...options, signal });
		try {
			return (await response.json()) as T;
		} catch (error) {
			if (error instanceof SyntaxError)
				throw new CliError(`${this.#url(path)} answered with something that is not JSON. Is this a klaw server?`);
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
				headers: {
					...(this.connection.token !== undefined && { Authorization: `Bearer ${this.connection.token}` }),
					...(body !== undefined && { "Content-Type": "application/json" }),
					...headers,
				},
				...(body !== undefined && { body: JSON.stringify(body) }),
			});
		} catch (error) {
			throw this.#lost(error);
		}
		if (!response.ok) throw this.#refused(response.status, await response.text().catch(() => ""));
		return response;
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
		const { server } = this.connection;
		const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
		const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
		if (code === "ECONNREFUSED")
			return new ConnectionError(`The connection to the server ${server} was refused. Is klaw running there? Start it with: npm start`, {
				refused: true,
				cause: error,
			});
		if (error instanceof Error && error.name === "TimeoutError")
			return new ConnectionError(`The server ${server} did not answer within ${REQUEST_TIMEOUT_MS / 1000} s.`, { cause: error });
		const why = cause instanceof Error ? cause.message : String(cause);
		const known = code === "" || why.includes(code) ? why : `${why} (${code})`;
		return new ConnectionError(`The connection to the server ${server} failed: ${known}.`, { cause: error });
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
