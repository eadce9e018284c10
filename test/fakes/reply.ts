/** What a script tells a fake model provider to answer. The fakes put it into their API's own words. */

/** A request as it came in. */
export interface FakeRequest {
	method: string;
	path: string;
	headers: Record<string, string | undefined>;
	/** The body, unparsed. */
	text: string;
	/** The body, parsed at the first look: a benchmark that only searches `text` pays for no parsing. */
	readonly body: FakeBody;
}

/** The parts of a request's body that tests look at; the fields are the APIs' own. */
export interface FakeBody {
	model: string;
	messages: FakeMessage[];
	[field: string]: unknown;
}

export interface FakeMessage {
	role: string;
	content?: unknown;
	[field: string]: unknown;
}

export interface FakeCall {
	name: string;
	/** An object is sent as JSON; a string is sent as it is, valid or not; an array is sent in these pieces. */
	arguments: Record<string, unknown> | string | string[];
	/** Absent: a fresh id in the API's own form. Empty: sent without one, as some local servers do. */
	id?: string;
}

export interface FakeUsage {
	input?: number;
	output?: number;
	cacheRead?: number;
	cacheWrite?: number;
}

/** What goes wrong once so many events of the stream have been sent. */
export interface Fault {
	afterEvents: number;
	/**
	 * `cut`: the connection is reset. `end`: the response ends as if it were complete. `hang`: silence. `garbage`: an
	 * event that is not JSON. `error`: the API's error event.
	 */
	kind: "cut" | "end" | "hang" | "garbage" | "error";
	/** Of the error event. */
	type?: string;
	message?: string;
}

export interface FakeAnswer {
	/** An array is sent as so many deltas. */
	text?: string | string[];
	calls?: FakeCall[];
	/** Sent before the text; Anthropic only. */
	thinking?: { text: string; signature: string };
	/** The API's own word for why it stopped; absent: what fits the answer. */
	stop?: string;
	usage?: FakeUsage;
	/** Milliseconds before each event. */
	delayMs?: number;
	fault?: Fault;
}

export interface FakeFailure {
	status: number;
	headers?: Record<string, string>;
	/** The error's type and message in the API's error body. */
	type?: string;
	message?: string;
	/** Instead of the API's error body, for example a proxy's HTML page. */
	body?: string;
}

/** `hang`: nothing is ever answered. */
export type Reply = FakeAnswer | FakeFailure | "hang";

/** `n` counts the requests from 1. */
export type Script = (request: FakeRequest, n: number) => Reply | Promise<Reply>;

export interface FakeOptions {
	script: Script;
	/** Requests that do not bear this key are answered 401. */
	key?: string;
	/** `false` keeps no requests: for benchmarks. */
	record?: boolean;
	/** Absent: a free one. */
	port?: number;
}

export interface FakeServer {
	/** Base URL for the provider's `…_BASE_URL`. */
	url: string;
	/** Every request so far, in order. */
	requests: FakeRequest[];
	/** TCP connections accepted so far: fewer than requests when the client keeps them alive. */
	readonly connections: number;
	/** TCP connections that are open now. */
	openConnections(): Promise<number>;
	close(): Promise<void>;
}

/** The pieces in which a call's arguments are sent. */
export function argumentPieces(call: FakeCall): string[] {
	if (Array.isArray(call.arguments)) return call.arguments;
	return [typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments)];
}

/** The deltas in which an answer's text is sent. */
export function textPieces(answer: FakeAnswer): string[] {
	if (answer.text === undefined) return [];
	return Array.isArray(answer.text) ? answer.text : [answer.text];
}
