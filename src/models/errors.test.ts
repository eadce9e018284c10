import { describe, expect, it } from "vitest";
import { type CallPhase, type CallSite, modelError } from "./errors.ts";
import { ModelError } from "./port.ts";
import type { CallEnd } from "./stall.ts";

const site: CallSite = {
	provider: "openai",
	model: "gpt-5.4",
	url: "https://user:hunter2@api.example.com/v1",
	urlVariable: "OPENAI_BASE_URL",
	keyVariable: "OPENAI_API_KEY",
	key: "sk-very-secret",
};

const classify = (thrown: unknown, phase: CallPhase = "request", end?: CallEnd, at = site) =>
	modelError(thrown, at, phase, { end, silenceMs: 120_000 });

/** As both SDKs throw a response that is not ok. */
const status = (code: number, error?: unknown, message = "", headers: Record<string, string> = {}) =>
	Object.assign(new Error(message), { status: code, error, headers: new Headers(headers) });

describe("a response's status", () => {
	it.each([
		[400, "BadRequest", false],
		[401, "Unauthorized", false],
		[402, "BadRequest", false],
		[403, "Unauthorized", false],
		[404, "BadRequest", false],
		[408, "ProviderError", true],
		[409, "ProviderError", true],
		[413, "BadRequest", false],
		[422, "BadRequest", false],
		[429, "RateLimited", true],
		[500, "ProviderError", true],
		[502, "ProviderError", true],
		[503, "ProviderError", true],
		[504, "ProviderError", true],
		[529, "ProviderError", true],
	])("%i is %s, retryable: %s", (code, name, retryable) => {
		expect(classify(status(code, { error: { message: "No." } }))).toMatchObject({ code: name, retryable });
	});

	it("404 is an unknown model when the provider says that it is about the model", () => {
		const error = classify(
			status(404, { message: "The model `gpt-9` does not exist", type: "invalid_request_error", code: "model_not_found" }),
		);
		expect(error.code).toBe("UnknownModel");
		expect(error.message).toContain("The model `gpt-9` does not exist");
	});

	it("tells a wrong base URL by its 404", () => {
		expect(classify(status(404, undefined, "404 page not found")).message).toContain("Check OPENAI_BASE_URL.");
	});
});

describe("the sentence about a failed call", () => {
	it("names status, model, host and the provider's own words", () => {
		const error = classify(status(529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_1" }));
		expect(error.message).toBe(
			"The model openai/gpt-5.4 at api.example.com answered with status 529 (overloaded_error): Overloaded. This is a fault on the provider's side and usually passes.",
		);
	});

	it("never holds the key, even when the provider repeats it", () => {
		const said = { error: { message: "Incorrect API key provided: sk-very-secret." } };
		const error = classify(status(401, said));
		expect(error.message).toContain("Incorrect API key provided: [key].");
		expect(error.message).toContain("Check OPENAI_API_KEY.");
		const errors = [error, classify(status(401, "sk-very-secret")), classify(new TypeError("invalid header value Bearer sk-very-secret"))];
		for (const { message } of errors) expect(message).not.toContain("sk-very-secret");
	});

	it("shows no credentials of the base URL", () => {
		for (const { message } of [classify(new Error("x")), classify(status(500, "x"))]) expect(message).not.toContain("hunter2");
	});

	it("makes one line of a proxy's HTML page", () => {
		const page = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>";
		expect(classify(status(502, undefined, `502 ${page}`)).message).toContain("with status 502: 502 Bad Gateway.");
	});

	it("takes the text of an HTML page without a title", () => {
		const page = "<html><style>b{color:red}</style><body><p>We are <b>down</b></p></body></html>";
		expect(classify(status(503, undefined, `503 ${page}`)).message).toMatch(/: We are down\. This is a fault/);
	});

	it("cuts what is long", () => {
		const { message } = classify(status(400, { error: { message: "x".repeat(5_000) } }));
		expect(message.length).toBeLessThan(500);
		expect(message).toContain("x".repeat(300));
	});

	it.each([
		["FastAPI's", { detail: "Not Found" }, "Not Found."],
		["FastAPI's list", { detail: [{ loc: ["body"], msg: "field required" }] }, "field required"],
		["Ollama's", { error: "model 'x' not found" }, "model 'x' not found."],
		["Cloudflare's", { errors: [{ code: 7000, message: "No route" }] }, "(7000): No route."],
		["an empty body", undefined, "it gave no reason."],
	])("reads %s error body", (_, body, said) => {
		expect(classify(status(400, body, body ? "" : "400 status code (no body)")).message).toContain(said);
	});

	it("says how long the provider asks to wait", () => {
		const error = classify(status(429, { error: { message: "Slow down" } }, "", { "retry-after": "12" }));
		expect(error).toMatchObject({ retryAfterMs: 12_000 });
		expect(error.message).toContain("It asks to wait 12 s.");
		expect(classify(status(429, {}, "", { "retry-after": "3600" })).message).toContain("3600 s, longer than a run waits.");
	});
});

describe("an error in the middle of a stream", () => {
	it.each([
		["overloaded_error", "ProviderError", true],
		["api_error", "ProviderError", true],
		["timeout_error", "ProviderError", true],
		["rate_limit_error", "RateLimited", true],
		["rate_limit_exceeded", "RateLimited", true],
		["server_error", "ProviderError", true],
		["authentication_error", "Unauthorized", false],
		["permission_error", "Unauthorized", false],
		["invalid_request_error", "BadRequest", false],
		["something_new", "StreamBroken", true],
	])("of type %s is %s, retryable: %s", (type, code, retryable) => {
		const thrown = Object.assign(new Error("stream"), { status: undefined, error: { type: "error", error: { type, message: "Sorry" } } });
		const error = classify(thrown, "stream");
		expect(error).toMatchObject({ code, retryable });
		expect(error.message).toContain(`(${type}): Sorry.`);
	});

	it("is known by a number where the provider uses one, as OpenRouter does", () => {
		const thrown = Object.assign(new Error("stream"), { error: { code: 502, message: "Upstream error" } });
		expect(classify(thrown, "stream")).toMatchObject({ code: "ProviderError", retryable: true });
	});
});

describe("a connection", () => {
	it("that cannot be made is named with its address, the reason and the variable to check", () => {
		const cause = Object.assign(new TypeError("fetch failed"), { cause: new Error("connect ECONNREFUSED 127.0.0.1:9") });
		const error = classify(Object.assign(new Error("Connection error."), { cause }));
		expect(error).toMatchObject({ code: "Unreachable", retryable: true });
		expect(error.message).toBe(
			"Could not reach the model openai/gpt-5.4 at https://api.example.com/v1: connect ECONNREFUSED 127.0.0.1:9. Check that it is up and that OPENAI_BASE_URL is right.",
		);
	});

	it.each(["Network connection lost.", "internal error; reference = abc123", "The operation was aborted"])(
		"that ends with workerd's %j is unreachable",
		(message) => {
			expect(classify(new Error("Connection error.", { cause: new Error(message) }))).toMatchObject({
				code: "Unreachable",
				retryable: true,
			});
		},
	);

	it.each([new Error("Network connection lost."), new SyntaxError("Unexpected token"), new TypeError("terminated")])(
		"that ends in the middle of a stream breaks the stream: %s",
		(thrown) => {
			expect(classify(thrown, "stream")).toMatchObject({ code: "StreamBroken", retryable: true });
		},
	);
});

describe("an aborted call", () => {
	it("was cancelled when its caller cancelled, whatever the runtime threw", () => {
		for (const thrown of [new Error("Request was aborted."), status(500), new TypeError("fetch failed")]) {
			expect(classify(thrown, "stream", "cancelled")).toMatchObject({ code: "Cancelled", retryable: false });
		}
	});

	it("timed out when the provider was silent", () => {
		expect(classify(new Error("aborted"), "request", "stalled before the first byte")).toMatchObject({
			code: "Timeout",
			retryable: true,
			message: "The model openai/gpt-5.4 at api.example.com did not begin to answer: nothing came for 120 s.",
		});
		expect(classify(new Error("aborted"), "stream", "stalled").message).toContain("fell silent in the middle of its answer");
	});
});

it("an error that is classified already stays as it is", () => {
	const error = new ModelError("MissingKey", "No key.", { retryable: false });
	expect(classify(error)).toBe(error);
});
