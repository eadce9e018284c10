import { expect, test } from "vitest";
import { guardedFetch } from "./outbound-guard.ts";
import { webFetch } from "./web_fetch.ts";

const signal = new AbortController().signal;

test("HTML is turned into text in workerd too", async () => {
	const page = '<html><body><h1>Hi</h1><p><a href="/x">there</a></p><script>no()</script></body></html>';
	const fetch = async () => new Response(page, { headers: { "Content-Type": "text/html" } });
	const { content } = await webFetch.run({ url: "https://example.com/a", raw: false }, { fetch, signal });
	expect(content).toBe(`Fetched https://example.com/a (${page.length} bytes):\n\nHi\n\nthere [https://example.com/x]`);
});

test("redirects are seen, and checked, in workerd too", async () => {
	const fetch = guardedFetch({
		fetch: async (_, init) =>
			new Response(null, { status: init?.redirect === "manual" ? 302 : 200, headers: { Location: "http://169.254.169.254/" } }),
		allowLocal: false,
	});
	await expect(webFetch.run({ url: "example.com", raw: false }, { fetch, signal })).rejects.toThrow(
		"169.254.169.254 is not a public address (https://example.com/ redirects there)",
	);
});
