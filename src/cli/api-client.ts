import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { connectionLost } from "./connection-lost.ts";
import { ApiError, CliError, type ConnectionError, type Status } from "./errors.ts";
import { httpRequest, textOf } from "./http-request.ts";
import type { Connection } from "./kubeconfig.ts";
import { VERSION } from "./version.ts";

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
		const answer = await this.#send(path, { ...options, signal, headers: { "Accept-Encoding": "gzip", ...options.headers } });
		try {
			return await textOf(answer);
		} catch (error) {
			throw this.#lost(signal.aborted ? signal.reason : error);
		}
	}

	/** The bytes of an event stream, from a response that has begun well. Ends by throwing when the connection breaks. */
	async *bytes(path: string, options: RequestOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
		const answer = await this.#send(path, options);
		try {
			for await (const chunk of answer) yield chunk;
		} catch (error) {
			throw this.#lost(error);
		}
	}

	async #send(path: string, { method, body, headers, signal }: RequestOptions): Promise<IncomingMessage> {
		let answer: IncomingMessage;
		try {
			answer = await httpRequest(this.#url(path), {
				method,
				signal,
				tls: this.connection.tls,
				headers: {
					"User-Agent": `klaw/${VERSION}`,
					...identityHeaders(this.connection),
					...(body !== undefined && { "Content-Type": "application/json" }),
					...headers,
				},
				...(body !== undefined && { body: JSON.stringify(body) }),
			});
		} catch (error) {
			throw this.#lost(error);
		}
		for (const warning of warningsOf(String(answer.headers.warning ?? ""))) {
			if (!this.#warned.has(warning)) this.#warn(warning);
			this.#warned.add(warning);
		}
		const { statusCode = 0 } = answer;
		if (statusCode < 200 || statusCode > 299) throw refusal(this.connection, statusCode, await textOf(answer).catch(() => ""));
		return answer;
	}

	get #timeoutMs(): number {
		return this.connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
	}

	#url(path: string): string {
		return `${this.connection.server}${path}`;
	}

	#lost(error: unknown): ConnectionError {
		return connectionLost(error, this.connection.server, this.#timeoutMs);
	}
}

/** Who asks, and as whom. */
export function identityHeaders({ token, as }: Connection): OutgoingHttpHeaders {
	return {
		...(token !== undefined && { Authorization: `Bearer ${token}` }),
		...(as && { "Impersonate-User": as.user }),
		...(as?.groups?.length && { "Impersonate-Group": [...as.groups] }),
		...(as?.uid !== undefined && { "Impersonate-Uid": as.uid }),
	};
}

/** What an answer that says no means. @param text its body */
export function refusal({ server, source }: Connection, code: number, text: string): ApiError {
	const status = parseStatus(text) ?? {
		kind: "Status",
		reason: REASONS[code],
		message: `${server} answered ${code}: ${text.slice(0, 200).trim()}`,
	};
	if (code !== 401) return new ApiError(code, status);
	return new ApiError(code, {
		...status,
		message: `${status.message ?? "Unauthorized."} The token is that of ${source}; is it the kubeconfig of this server?`,
	});
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
