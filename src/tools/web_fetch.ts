import * as z from "zod";
import { htmlToText } from "./page-text.ts";
import { type ResponseText, responseText } from "./response-text.ts";
import { type ToolContext, type ToolOutcome, workerTool } from "./tool.ts";

/** Longest fetch with everything in it, in milliseconds. */
const TIMEOUT_MS = 30_000;
/** Bytes of a page that are read. */
const BODY_LIMIT_BYTES = 1024 * 1024;
/** Characters of the result, all told. */
const RESULT_LIMIT = 50_000;
const URL_LIMIT = 8_000;
/** Characters that the note about what was cut may take. */
const CUT_NOTE = 100;
/** Characters of an error page that the model sees. */
const ERROR_BODY_LIMIT = 1_000;

export const webFetch = workerTool({
	name: "web_fetch",
	description:
		"Fetch a public web page or API over HTTP GET and read it as text. HTML comes as plain text with its links; raw gives it as it is. At most 1 MiB is read and 50,000 characters are returned.",
	parameters: z.object({
		url: z.string().min(1).max(URL_LIMIT).describe("What to fetch; https:// is added when it names no scheme."),
		raw: z.boolean().default(false).describe("Return HTML as it is instead of as text."),
	}),
	idempotent: true,
	timeoutMs: () => TIMEOUT_MS,
	run: ({ url, raw }, context) => fetchText(withScheme(url.trim()), raw, context),
});

async function fetchText(url: string, raw: boolean, { fetch, signal }: ToolContext): Promise<ToolOutcome> {
	const response = await fetch(url, { headers: { "User-Agent": "klaw/web_fetch", Accept: "text/html, text/plain, */*;q=0.8" }, signal });
	const read = await responseText(response, BODY_LIMIT_BYTES);
	if (!response.ok) return { content: httpError(url, response, read), isError: true };
	if (read.text === undefined) {
		const type = read.mediaType || "without a media type";
		return {
			content: `${url} is no text (${type}). Download it with bash, for example with curl -o FILE, and look at the file there.`,
			isError: true,
		};
	}
	const notes = [`Fetched ${url} (${read.bytes} bytes):`];
	if (read.cut) notes.push(`[The page is longer than ${BODY_LIMIT_BYTES} bytes; only the first ${read.bytes} were read.]`);
	let text = read.text;
	if (!raw && isHtml(read)) {
		const plain = await htmlToText(read.text, response.url || url);
		if (plain === undefined) notes.push("[The page is nested too deeply to be turned into text; this is its HTML.]");
		else text = plain;
	}
	const head = `${notes.join("\n")}\n\n`;
	return { content: head + cutText(text, RESULT_LIMIT - head.length - CUT_NOTE), isError: false };
}

function httpError(url: string, { status, statusText }: Response, { text = "" }: ResponseText): string {
	const said = text.trim().slice(0, ERROR_BODY_LIMIT);
	return `HTTP ${status}${statusText === "" ? "" : ` ${statusText}`} from ${url}.${said === "" ? "" : `\n\n${said}`}`;
}

function cutText(text: string, limit: number): string {
	if (text.length <= limit) return text;
	// Half of a surrogate pair is no character.
	const end = /[\ud800-\udbff]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
	return `${text.slice(0, end)}\n\n[Cut: ${text.length - end} of ${text.length} characters are not shown.]`;
}

function isHtml({ mediaType, text = "" }: ResponseText): boolean {
	if (mediaType === "text/html" || mediaType === "application/xhtml+xml") return true;
	return mediaType === "" && /^\s*<(?:!doctype html|html)/i.test(text);
}

function withScheme(url: string): string {
	return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `https://${url}`;
}
