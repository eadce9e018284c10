import type { Agent, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import type { TlsOptions } from "./kubeconfig.ts";

export interface HttpRequest {
	method?: string | undefined;
	headers?: OutgoingHttpHeaders;
	body?: string | undefined;
	/** Ends the request, and the answer that has begun. */
	signal?: AbortSignal | undefined;
	tls?: TlsOptions | undefined;
}

/**
 * How long an idle connection is kept, in milliseconds: shorter than any server keeps it, so that no request goes out on
 * one that is just being closed.
 */
const IDLE_MS = 4_000;

const agents = new Map<string, Agent>();

/**
 * Node's own client, when it is first needed. An import of `node:http` evaluates what Node has for fetch and WebSockets,
 * too, which is a third of a short command's time; a require does not.
 */
const load = createRequire(import.meta.url);
const http = (): typeof import("node:http") => load("node:http");
const https = (): typeof import("node:https") => load("node:https");

/**
 * Sends a request, and resolves when the head of the answer is there; the answer may be silent for as long as it likes.
 *
 * @throws the reason of `signal`, or Node's error
 */
export function httpRequest(url: string, { method = "GET", headers = {}, body, signal, tls }: HttpRequest): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		signal?.throwIfAborted();
		const { request } = url.startsWith("https:") ? https() : http();
		// Without it Node sends the body of a DELETE with nothing that tells its end.
		const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
		request(url, { method, headers: { ...headers, ...length }, agent: agentFor(url, tls), ...(signal && { signal }) }, resolve)
			.once("error", (error) => reject(signal?.aborted ? signal.reason : error))
			.end(body);
	});
}

/** The whole body of an answer. A request whose answer is read so may accept `gzip`. */
export function textOf(answer: IncomingMessage): Promise<string> {
	if (answer.headers["content-encoding"] !== "gzip") return text(answer);
	const unpacked = createGunzip();
	answer.once("error", (error) => unpacked.destroy(error));
	return text(answer.pipe(unpacked));
}

/** The connections of clients with these certificates, which share them. */
function agentFor(url: string, tls: TlsOptions = {}): Agent {
	const secure = url.startsWith("https:");
	const key = JSON.stringify([secure, tls]);
	const known = agents.get(key);
	if (known) return known;
	const { ca, insecure, serverName, cert, key: privateKey } = tls;
	const kept = { keepAlive: true, timeout: IDLE_MS };
	const agent = secure
		? new (https().Agent)({
				...kept,
				...(ca !== undefined && { ca }),
				...(cert !== undefined && { cert, key: privateKey }),
				...(serverName !== undefined && { servername: serverName }),
				...(insecure === true && { rejectUnauthorized: false }),
			})
		: new (http().Agent)(kept);
	agents.set(key, agent);
	return agent;
}
