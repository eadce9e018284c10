import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Klaw } from "./klaw-process.ts";
import { addPublicAddress } from "./public-address.ts";

const publicAddress = addPublicAddress();
/** What was asked of the server that tools must not reach, by path. */
const reached: string[] = [];
let server: Server;
let port: number;

beforeAll(async () => {
	server = createServer((request, response) => {
		const url = new URL(request.url ?? "/", "http://server");
		if (url.pathname === "/to") return response.writeHead(302, { location: url.searchParams.get("url") ?? "" }).end();
		reached.push(url.pathname);
		response.writeHead(200, { "content-type": "text/html" }).end("<h1>Inner page</h1><p>for this machine</p>");
	}).listen(0, "0.0.0.0");
	await once(server, "listening");
	const address = server.address();
	port = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => {
	server?.close();
	server?.closeAllConnections();
	publicAddress?.remove();
});

/** What the model was told of each URL, in order. */
async function fetched(klaw: Klaw, name: string, urls: string[]): Promise<{ content: string; isError: boolean }[]> {
	await klaw.createTask(name, { prompt: urls.map((url) => `fetch ${url}`).join("\n") });
	const { result } = await klaw.taskEnd(name);
	const [, ...parts] = String(result).split(/^fetch (?=http)/m);
	return parts.map((part) => {
		const [head = "", ...rest] = part.trim().split("\n");
		return { content: rest.join("\n"), isError: head.endsWith(" (failed)") };
	});
}

describe("web_fetch", () => {
	let klaw: Klaw;
	beforeAll(async () => {
		klaw = await Klaw.start();
	});
	afterAll(() => klaw?.remove());

	it("of an address of this machine, a private network or a cloud's metadata is refused with a sentence", async () => {
		const hosts = [
			...["127.0.0.1", "localhost", "a.localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"].map(
				(host) => `${host}:${port}`,
			),
			...["10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.1.1", "[fd00::1]", "[fe80::1]"],
			...["169.254.169.254/latest/meta-data/", "metadata.google.internal/computeMetadata/v1/", "[fd00:ec2::254]"],
		];
		const told = await fetched(
			klaw,
			"inner",
			hosts.map((host) => `http://${host}`),
		);
		expect(told).toHaveLength(hosts.length);
		for (const [index, outcome] of told.entries())
			expect({ host: hosts[index], ...outcome }).toEqual({
				host: hosts[index],
				isError: true,
				content: expect.stringMatching(
					/^\S+ is not a public address, so it is not fetched\. klaw up --allow-local-network lets tools reach local addresses\.$/,
				),
			});
		expect(reached).toEqual([]);
	});

	it.runIf(publicAddress || process.env.CI)(
		"of a public page is done, and a redirect from there to an address of this machine is refused",
		async () => {
			const base = `http://${publicAddress?.address}:${port}`;
			const inner = `http://127.0.0.1:${port}/secret`;
			const [page, redirected, twice] = await fetched(klaw, "redirected", [
				`${base}/page`,
				`${base}/to?url=${inner}`,
				`${base}/to?url=${encodeURIComponent(`/to?url=${encodeURIComponent("http://169.254.169.254/")}`)}`,
			]);
			expect(page).toMatchObject({ isError: false, content: expect.stringContaining("for this machine") });
			expect(redirected).toMatchObject({
				isError: true,
				content: expect.stringMatching(/^127\.0\.0\.1 is not a public address \(http:\/\/11\..* redirects there\), so it is not fetched\./),
			});
			expect(twice).toMatchObject({ isError: true, content: expect.stringMatching(/^169\.254\.169\.254 is not a public address /) });
			expect(reached).toEqual(["/page"]);
		},
	);
});

it("web_fetch reaches addresses of this machine, and redirects to them, after klaw up --allow-local-network", async () => {
	const klaw = await Klaw.start({ args: ["--allow-local-network"] });
	try {
		const base = `http://127.0.0.1:${port}`;
		for (const { content, isError } of await fetched(klaw, "open", [`${base}/inner`, `${base}/to?url=${base}/inner`])) {
			expect(isError).toBe(false);
			expect(content).toMatch(/INNER PAGE\s+for this machine/i);
		}
	} finally {
		await klaw.remove();
	}
});
