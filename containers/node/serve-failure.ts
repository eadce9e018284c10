import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Unready } from "./ready.ts";

/** Long enough for a control plane that looks once a second and is busy. */
const PATIENCE_MS = 15_000;

/**
 * Says on the runtime's port why there is no runtime, until it was heard or {@link PATIENCE_MS} have passed. The logs of a
 * container cannot be had from outside it, so this is where the reason of a start that failed is read.
 */
export async function serveFailure(port: number, unready: Unready, patienceMs = PATIENCE_MS): Promise<void> {
	const heard = new AbortController();
	const server = createServer(({ url }, response) => {
		response.writeHead(503, { "content-type": "application/json", connection: "close" }).end(JSON.stringify(unready), () => {
			// The platform looks whether anything listens, and does not read what it is told.
			if (url === "/ready") heard.abort();
		});
	}).listen(port, "0.0.0.0");
	try {
		await once(server, "listening");
		await sleep(patienceMs, undefined, { signal: heard.signal }).catch(() => undefined);
	} catch {
		// The port is taken: then that is what was wrong, and nobody can be told.
	} finally {
		server.close();
	}
}
