import { createServer, type RequestListener, type Server } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { httpRequest, textOf } from "./http-request.ts";

let server: Server | undefined;
afterEach(() => {
	server?.closeAllConnections();
	server?.close();
});

/** The URL of a server that answers so. */
async function serve(answer: RequestListener): Promise<string> {
	const listening = createServer(answer).listen(0, "127.0.0.1");
	server = listening;
	await new Promise((resolve) => listening.once("listening", resolve));
	const address = listening.address();
	return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

it("an answer that comes packed is unpacked", async () => {
	const url = await serve((_, response) => response.setHeader("Content-Encoding", "gzip").end(gzipSync("hello")));
	expect(await textOf(await httpRequest(url, {}))).toBe("hello");
});

it("a packed answer that breaks off is an error", async () => {
	const url = await serve((_, response) => {
		response.setHeader("Content-Encoding", "gzip");
		response.write(gzipSync("hello".repeat(100)).subarray(0, 15), () => response.destroy());
	});
	await expect(httpRequest(url, {}).then(textOf)).rejects.toThrow("aborted");
});

it("a body has its length with it, also in a DELETE", async () => {
	const url = await serve((request, response) =>
		response.end(`${request.headers["content-length"]} ${request.headers["transfer-encoding"]}`),
	);
	expect(await textOf(await httpRequest(url, { method: "DELETE", body: "{é}" }))).toBe("4 undefined");
});

it("the reason of the signal is what ends a request", async () => {
	const url = await serve(() => undefined);
	const stop = new AbortController();
	const asked = httpRequest(url, { signal: stop.signal });
	stop.abort(new Error("enough"));
	await expect(asked).rejects.toThrow("enough");
	await expect(httpRequest(url, { signal: stop.signal })).rejects.toThrow("enough");
});
