import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guardedFetch } from "./outbound-guard.ts";
import { webFetch } from "./web_fetch.ts";

let answer: RequestListener;
let base: string;
const server = createServer((request, response) => answer(request, response));

beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const fetch = guardedFetch({ fetch: (url, init) => globalThis.fetch(url, init), allowLocal: true });
const run = (url: string, raw = false, signal = new AbortController().signal) => webFetch.run({ url, raw }, { fetch, signal });

function serve(body: string | Uint8Array, type?: string, status = 200): void {
	answer = (_, response) => {
		if (type !== undefined) response.setHeader("Content-Type", type);
		response.writeHead(status).end(body);
	};
}

const PAGE = `<!doctype html><html><head><title>A &amp; B</title><style>p { color: red }</style></head><body>
<h1>Heading</h1><p>See <a href="/docs">the docs</a> and <a href="https://klaw.sh/">https://klaw.sh/</a>,
<a href="#top">up</a>, <a href="mailto:a@b.c">mail</a>.</p>
<script>alert("x")</script><noscript>no</noscript><img src="x.png" alt="a picture"><svg><title>icon</title></svg>
<ul><li>one</li><li>two</li></ul></body></html>`;

describe("HTML", () => {
	test("comes as text, with its links and without scripts, styles and pictures", async () => {
		serve(PAGE, "text/html; charset=utf-8");
		const { content, isError } = await run(`${base}/a/page`);
		expect(isError).toBe(false);
		expect(content).toBe(`Fetched ${base}/a/page (${PAGE.length} bytes):

A & B

Heading

See the docs [${base}/docs] and https://klaw.sh/, up, mail.

 * one
 * two`);
	});

	test("comes as it is when raw is asked for", async () => {
		serve(PAGE, "text/html");
		expect((await run(base, true)).content).toBe(`Fetched ${base} (${PAGE.length} bytes):\n\n${PAGE}`);
	});

	test("is recognized without a media type", async () => {
		serve("<html><body><p>hi</p></body></html>");
		expect((await run(base)).content).toMatch(/\n\nhi$/);
	});

	test("that is nested without end comes as it is, at once, and says so", async () => {
		serve("<b>".repeat(300_000), "text/html");
		const { content, isError } = await run(base);
		expect(isError).toBe(false);
		expect(content).toContain("[The page is nested too deeply to be turned into text; this is its HTML.]\n\n<b><b>");
	});

	test("of many paragraphs that are never closed is not taken for nesting", async () => {
		serve(`<body>${"<p>a<br>".repeat(10_000)}`, "text/html");
		expect((await run(base)).content).not.toContain("nested too deeply");
	});
});

describe("other text", () => {
	test("comes as it is", async () => {
		serve('{"a": "<b>1</b>"}', "application/json");
		expect((await run(base)).content).toBe(`Fetched ${base} (17 bytes):\n\n{"a": "<b>1</b>"}`);
	});

	test("is read in its own character set", async () => {
		serve(new Uint8Array([0x63, 0x61, 0x66, 0xe9]), 'text/plain; charset="iso-8859-1"');
		expect((await run(base)).content).toMatch(/café$/);
	});

	test("is read as UTF-8 when its character set is none", async () => {
		serve("café", "text/plain; charset=klingon");
		expect((await run(base)).content).toMatch(/café$/);
	});

	test("may be empty", async () => {
		serve("", "text/plain");
		expect(await run(base)).toEqual({ content: `Fetched ${base} (0 bytes):\n\n`, isError: false });
	});
});

describe("what is too long", () => {
	test.each([false, true])("is cut to 50,000 characters with a note of how much (raw: %s)", async (raw) => {
		serve("x".repeat(60_000), "text/plain");
		const { content } = await run(base, raw);
		expect(content.length).toBeLessThanOrEqual(50_000);
		const shown = /x+/.exec(content.slice(content.indexOf("\n")))?.[0].length ?? 0;
		expect(content).toContain(`[Cut: ${60_000 - shown} of 60000 characters are not shown.]`);
		expect(shown).toBeGreaterThan(49_000);
	});

	test("is read up to 1 MiB, also when it never ends", async () => {
		answer = (request, response) => {
			response.setHeader("Content-Type", "text/plain");
			const chunk = "y".repeat(65_536);
			const more = () => {
				while (!request.destroyed && response.write(chunk)) {}
			};
			response.on("drain", more);
			more();
		};
		const { content } = await run(base);
		expect(content).toMatch(
			/^Fetched http:\S+ \(1048576 bytes\):\n\[The page is longer than 1048576 bytes; only the first 1048576 were read\.\]/,
		);
		expect(content.length).toBeLessThanOrEqual(50_000);
	});

	test("never ends in half a character", async () => {
		serve("😀".repeat(40_000), "text/plain; charset=utf-8");
		expect((await run(base)).content.isWellFormed()).toBe(true);
	});
});

describe("what is not text", () => {
	test.each([
		["by its type", new Uint8Array([1, 2, 3]), "image/png", "(image/png)"],
		["by its bytes", new Uint8Array([65, 0, 66]), "application/octet-stream", "(application/octet-stream)"],
		["by its bytes alone", new Uint8Array([65, 0, 66]), undefined, "(without a media type)"],
		["a PDF", "%PDF-1.7", "application/pdf", "(application/pdf)"],
	])("is refused %s, with the way to get it", async (_, body, type, said) => {
		serve(body, type);
		const { content, isError } = await run(base);
		expect(isError).toBe(true);
		expect(content).toContain(`${said}. Download it with bash`);
	});

	test.each(["image/svg+xml", "application/vnd.api+json", "application/x-yaml", "application/octet-stream"])(
		"%s may be text",
		async (type) => {
			serve("a: 1", type);
			expect((await run(base)).isError).toBe(false);
		},
	);
});

describe("a request that fails", () => {
	test.each([404, 500])("with status %i is an error with the beginning of what the server said", async (status) => {
		serve(`no such page ${"z".repeat(5_000)}`, "text/plain", status);
		const { content, isError } = await run(`${base}/x`);
		expect(isError).toBe(true);
		expect(content).toMatch(new RegExp(`^HTTP ${status} [A-Za-z ]+ from ${base}/x\\.\n\nno such page z+$`));
		expect(content.length).toBeLessThan(1_200);
	});

	test("by its signal is aborted, in the middle of the body too", async () => {
		const abort = new AbortController();
		answer = (_, response) => {
			response.writeHead(200, { "Content-Type": "text/plain" });
			response.write("a", () => abort.abort(new Error("cancelled")));
		};
		await expect(run(base, false, abort.signal)).rejects.toThrow("cancelled");
	});

	test("is refused by the guard when the address is local", async () => {
		const guarded = guardedFetch({ fetch: (url, init) => globalThis.fetch(url, init), allowLocal: false });
		const refused = webFetch.run({ url: base, raw: false }, { fetch: guarded, signal: new AbortController().signal });
		await expect(refused).rejects.toThrow("127.0.0.1 is not a public address");
	});
});

test("https:// is added when the URL names no scheme", async () => {
	const asked: string[] = [];
	const fetch = async (url: string) => {
		asked.push(url);
		return new Response("x");
	};
	for (const url of ["example.com/page", " http://example.com ", "localhost:8080/x"]) {
		await webFetch.run({ url, raw: false }, { fetch, signal: new AbortController().signal });
	}
	expect(asked).toEqual(["https://example.com/page", "http://example.com", "https://localhost:8080/x"]);
});
