import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Fetch, guardedFetch } from "./outbound-guard.ts";

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { method: string; path: string; headers: IncomingMessage["headers"] }[];
let base: string;
const server = createServer((request, response) => {
	seen.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
	answer(request, response);
});

beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
	seen = [];
	answer = (_, response) => response.end("hello");
});

const real: Fetch = (url, init) => fetch(url, init);
const open = guardedFetch({ fetch: real, allowLocal: true });

/** Answers every URL of the table, as the public internet would; anything else is unreachable. */
function internet(pages: Record<string, Response | string>): { fetch: Fetch; asked: string[] } {
	const asked: string[] = [];
	const fetch: Fetch = async (url) => {
		asked.push(url);
		const page = pages[url];
		if (page === undefined) throw new TypeError("internal error; reference = 0ab1c2d3e4f5");
		return typeof page === "string" ? new Response(null, { status: 302, headers: { Location: page } }) : page;
	};
	return { fetch, asked };
}

describe("the guard refuses before anything is sent", () => {
	test.each([
		["a local address", "http://127.0.0.1:9", "127.0.0.1 is not a public address, so it is not fetched. klaw up --allow-local-network"],
		["the metadata service", "http://169.254.169.254/latest", "169.254.169.254 is not a public address"],
		["a local name", "http://metadata.google.internal", "metadata.google.internal is not a public address"],
		["a file", "file:///etc/passwd", "file URLs cannot be fetched. Use http or https."],
		["a data URL", "data:text/plain,x", "data URLs cannot be fetched"],
		["a user name", "https://ann@example.com/", "The URL of example.com holds a user name or password"],
		["no URL", "http://", '"http://" is not a URL. Give a whole one'],
	])("%s", async (_, url, sentence) => {
		const { fetch, asked } = internet({});
		await expect(guardedFetch({ fetch, allowLocal: false })(url)).rejects.toThrow(sentence);
		expect(asked).toEqual([]);
	});

	test("schemes and credentials also when local addresses are allowed, and no password is repeated", async () => {
		await expect(open("ftp://127.0.0.1/")).rejects.toThrow("ftp URLs cannot be fetched");
		const refused = open("http://ann:s3cret@127.0.0.1/");
		await expect(refused).rejects.toThrow("holds a user name or password");
		await expect(refused).rejects.not.toThrow("s3cret");
	});
});

describe("every redirect is checked again", () => {
	test.each([
		["to loopback", "http://127.0.0.1/", "127.0.0.1 is not a public address (https://example.com/ redirects there)"],
		["to metadata in another notation", "http://[::ffff:a9fe:a9fe]/", "is not a public address (https://example.com/ redirects there)"],
		["to another host without a scheme", "//localhost/x", "localhost is not a public address"],
		["to a file", "file:///etc/passwd", "file URLs cannot be fetched (https://example.com/ redirects there)"],
		["with a password", "https://a:b@example.org/", "holds a user name or password"],
	])("%s", async (_, location, sentence) => {
		const { fetch, asked } = internet({ "https://example.com/": location });
		await expect(guardedFetch({ fetch, allowLocal: false })("https://example.com/")).rejects.toThrow(sentence);
		expect(asked).toEqual(["https://example.com/"]);
	});

	test("also the one behind a public one", async () => {
		const { fetch } = internet({ "https://a.example/": "https://b.example/", "https://b.example/": "http://10.0.0.1/" });
		await expect(guardedFetch({ fetch, allowLocal: false })("https://a.example/")).rejects.toThrow("10.0.0.1 is not a public address");
	});
});

describe("redirects", () => {
	test.each([301, 302, 303, 307, 308])("of status %i are followed, relative ones too", async (status) => {
		answer = (request, response) =>
			request.url === "/a/start" ? response.writeHead(status, { Location: "../end?x=1" }).end("moved") : response.end("there");
		const response = await open(`${base}/a/start`);
		expect(await response.text()).toBe("there");
		expect(seen.map(({ path }) => path)).toEqual(["/a/start", "/end?x=1"]);
	});

	test("are followed five times and not six", async () => {
		const chain = (length: number) => {
			answer = (request, response) => {
				const step = Number(request.url?.slice(1));
				if (step < length) response.writeHead(302, { Location: `/${step + 1}` }).end();
				else response.end("there");
			};
			return open(`${base}/0`);
		};
		expect(await (await chain(5)).text()).toBe("there");
		await expect(chain(6)).rejects.toThrow("redirects more than 5 times");
	});

	test("without a Location are the answer", async () => {
		answer = (_, response) => response.writeHead(304).end();
		expect((await open(base)).status).toBe(304);
	});

	test("to another host lose credentials, to the same host keep them", async () => {
		const other = base.replace("127.0.0.1", "localhost");
		const paths: Record<string, string> = { "/start": "/same", "/same": `${other}/other` };
		answer = (request, response) => {
			const location = paths[request.url ?? ""];
			if (location) response.writeHead(302, { Location: location }).end();
			else response.end("there");
		};
		await open(`${base}/start`, { headers: { Authorization: "Bearer t", Cookie: "c=1", "X-Kept": "yes" } });
		expect(seen.map(({ headers }) => [headers.authorization, headers.cookie, headers["x-kept"]])).toEqual([
			["Bearer t", "c=1", "yes"],
			["Bearer t", "c=1", "yes"],
			[undefined, undefined, "yes"],
		]);
	});

	test("turn a POST into a GET where the web does, and keep it where it does not", async () => {
		for (const [status, method] of [
			[302, "GET"],
			[303, "GET"],
			[307, "POST"],
		] as const) {
			seen = [];
			answer = (request, response) => (request.url === "/" ? response.writeHead(status, { Location: "/end" }).end() : response.end());
			await open(`${base}/`, { method: "POST", body: "x" });
			expect(seen.map((request) => request.method)).toEqual(["POST", method]);
		}
	});
});

describe("a host that cannot be reached", () => {
	test("is named, with the hint that it may not be public", async () => {
		const { fetch } = internet({});
		await expect(guardedFetch({ fetch, allowLocal: false })("https://rebind.example/x")).rejects.toThrow(
			"rebind.example could not be reached (internal error) or its address is not public. klaw up --allow-local-network",
		);
	});

	test("is named without that hint when local addresses are allowed", async () => {
		const { fetch } = internet({});
		await expect(guardedFetch({ fetch, allowLocal: true })("http://10.0.0.1/")).rejects.toThrow(
			/^10\.0\.0\.1 could not be reached \(internal error\)\.$/,
		);
	});
});

test("an aborted request is aborted, not unreachable", async () => {
	const abort = new AbortController();
	answer = () => abort.abort(new Error("stop"));
	await expect(open(base, { signal: abort.signal })).rejects.toThrow("stop");
});
