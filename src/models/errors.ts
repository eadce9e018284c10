import { ModelError, type ModelErrorCode } from "./port.ts";
import { isRecord, type ProviderMessage, providerMessage } from "./provider-message.ts";
import { LONGEST_RETRY_AFTER_MS } from "./retry.ts";
import { retryAfter } from "./retry-after.ts";
import type { CallWatch } from "./stall.ts";

/** Which call failed: what its sentence names. */
export interface CallSite {
	provider: string;
	model: string;
	/** Base URL; absent: a binding. */
	url?: string;
	/** The variables to check. */
	urlVariable?: string;
	keyVariable?: string;
	/** Never shown, and cut out of whatever the provider says. */
	key?: string;
}

/** `request`: no response yet. `stream`: in the middle of one. */
export type CallPhase = "request" | "stream";

/** Turns whatever a model call threw into the {@link ModelError} that says why, and whether repeating it may help. */
export function modelError(thrown: unknown, site: CallSite, phase: CallPhase, watch: Pick<CallWatch, "end" | "silenceMs">): ModelError {
	// First of all: an aborted fetch fails in as many ways as there are runtimes.
	switch (watch.end) {
		case "cancelled":
			return new ModelError("Cancelled", `The call to ${name(site)} was cancelled.`, { retryable: false, cause: thrown });
		case "stalled":
		case "stalled before the first byte": {
			const when = watch.end === "stalled" ? "fell silent in the middle of its answer" : "did not begin to answer";
			const said = `${capital(place(site))} ${when}: nothing came for ${watch.silenceMs / 1000} s.`;
			return new ModelError("Timeout", said, { retryable: true, cause: thrown });
		}
	}
	if (thrown instanceof ModelError) return thrown;
	const failure = isRecord(thrown) ? thrown : {};
	if (typeof failure.status === "number") return statusError(failure, failure.status, thrown, site);
	if (failure.error !== undefined) return streamedError(failure.error, thrown, site);
	if (phase === "stream") return streamBroken(`it ended with "${scrub(reason(thrown), site)}"`, site, thrown);
	// Whatever the runtime calls it (undici "fetch failed", workerd "Network connection lost."), no response came.
	const check = site.urlVariable ? ` Check that it is up and that ${site.urlVariable} is right.` : "";
	const where = site.url ? `the model ${name(site)} at ${address(site.url)}` : `the model ${name(site)}`;
	return new ModelError("Unreachable", `Could not reach ${where}: ${sentence(scrub(reason(thrown), site))}${check}`, {
		retryable: true,
		cause: thrown,
	});
}

/** The stream ended before its end, or holds what cannot be read. */
export function streamBroken(why: string, site: CallSite, cause?: unknown): ModelError {
	const message = `The answer of ${place(site)} broke off: ${sentence(why)}`;
	return new ModelError("StreamBroken", message, { retryable: true, cause });
}

function statusError(failure: Record<string, unknown>, status: number, cause: unknown, site: CallSite): ModelError {
	// The SDKs put a body that is not JSON into their own message, behind the status.
	const said = providerMessage(failure.error ?? String(failure.message ?? "").replace(/^\d{3} (status code \(no body\))?/, ""));
	const code = codeOf(status, said);
	const retryable = isRetryable(status);
	const retryAfterMs = retryable ? retryAfter(failure.headers as Headers | undefined, Date.now()) : undefined;
	return answered(`with status ${status}`, said, { code, status, retryable, retryAfterMs }, site, cause);
}

/** An error in the middle of a stream has no status; its type says which one it would have had. */
function streamedError(body: unknown, cause: unknown, site: CallSite): ModelError {
	const said = providerMessage(body);
	const status = STATUS_OF_TYPE[said.type ?? ""] ?? (/^[45]\d\d$/.test(said.type ?? "") ? Number(said.type) : undefined);
	if (status === undefined) return answered("with an error in its stream", said, { code: "StreamBroken", retryable: true }, site, cause);
	return answered("with an error in its stream", said, { code: codeOf(status, said), status, retryable: isRetryable(status) }, site, cause);
}

const STATUS_OF_TYPE: Record<string, number> = {
	// Anthropic
	invalid_request_error: 400,
	authentication_error: 401,
	billing_error: 402,
	permission_error: 403,
	not_found_error: 404,
	conflict_error: 409,
	request_too_large: 413,
	rate_limit_error: 429,
	api_error: 500,
	timeout_error: 504,
	overloaded_error: 529,
	// OpenAI
	insufficient_quota: 429,
	rate_limit_exceeded: 429,
	requests: 429,
	tokens: 429,
	server_error: 500,
};

export function isRetryable(status: number): boolean {
	return status === 408 || status === 409 || status === 429 || status >= 500;
}

function codeOf(status: number, { message }: ProviderMessage): ModelErrorCode {
	if (status === 401 || status === 403) return "Unauthorized";
	if (status === 429) return "RateLimited";
	// A 404 is about the model when the provider says so; otherwise the base URL leads nowhere.
	if (status === 404 && /\bmodel\b/i.test(message ?? "")) return "UnknownModel";
	return isRetryable(status) ? "ProviderError" : "BadRequest";
}

interface Verdict {
	code: ModelErrorCode;
	status?: number;
	retryable: boolean;
	retryAfterMs?: number;
}

function answered(how: string, said: ProviderMessage, verdict: Verdict, site: CallSite, cause: unknown): ModelError {
	const kind = said.type ? ` (${scrub(said.type, site)})` : "";
	const words = said.message ? scrub(said.message, site) : "it gave no reason";
	const message = `${capital(place(site))} answered ${how}${kind}: ${sentence(words)} ${advice(verdict, site)}`;
	return new ModelError(verdict.code, message, { retryable: verdict.retryable, retryAfterMs: verdict.retryAfterMs, cause });
}

function advice({ code, status, retryAfterMs }: Verdict, site: CallSite): string {
	switch (code) {
		case "Unauthorized":
			return site.keyVariable ? `Check ${site.keyVariable}.` : "Check what the account may use.";
		case "UnknownModel":
			return `Name a model that ${site.provider} offers.`;
		case "RateLimited":
			if (retryAfterMs === undefined) return "Wait a while, or let fewer agents work at once.";
			return `It asks to wait ${Math.ceil(retryAfterMs / 1000)} s${retryAfterMs > LONGEST_RETRY_AFTER_MS ? ", longer than a run waits" : ""}.`;
		case "BadRequest":
			if (status === 404 && site.urlVariable) return `Check ${site.urlVariable}.`;
			if (status === 413) return "The conversation is too long for this model: go on in a new session.";
			return "Repeating the call would change nothing.";
		default:
			return "This is a fault on the provider's side and usually passes.";
	}
}

const name = ({ provider, model }: CallSite) => `${provider}/${model}`;

/** `the model openai/gpt-5.4 at api.openai.com` */
function place(site: CallSite): string {
	return site.url ? `the model ${name(site)} at ${host(site.url)}` : `the model ${name(site)}`;
}

function host(url: string): string {
	return URL.parse(url)?.host ?? url;
}

/** The whole address, but for credentials that some put into it. */
function address(url: string): string {
	const parsed = URL.parse(url);
	return parsed ? parsed.origin + parsed.pathname.replace(/\/$/, "") : url;
}

/** The innermost cause: fetch says "fetch failed" and keeps the reason below it. */
function reason(thrown: unknown): string {
	let message = thrown instanceof Error ? thrown.message : String(thrown);
	for (let error = thrown; error instanceof Error; error = error.cause) message = error.message || message;
	return message;
}

/** Without the key, which some gateways repeat. */
export function scrub(text: string, { key }: CallSite): string {
	return key ? text.replaceAll(key, "[key]") : text;
}

const sentence = (text: string) => (/[.!?…]["']?$/.test(text) ? text : `${text}.`);
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
