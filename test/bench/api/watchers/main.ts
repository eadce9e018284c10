/**
 * Clients that watch, all in one process and cheaply: a plain HTTP connection each, of whose lines nothing is read but
 * the resource version. The first line of standard input says what to watch; each further line is answered with what
 * came since the line before. Ends with its parent.
 */
import { Agent, get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { monotonicMs } from "../../monotonic.ts";
import type { Arrival, WatchOrder } from "./watchers.ts";

const VERSION = '"resourceVersion":"';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
let arrivals: Arrival[] = [];

function watch({ url, token }: WatchOrder, watcher: number): Promise<void> {
	return new Promise((resolve, reject) => {
		get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
			if (answer.statusCode !== 200) return reject(new Error(`The watch was answered ${answer.statusCode}.`));
			note(answer, watcher);
			resolve();
		}).on("error", reject);
	});
}

function note(answer: IncomingMessage, watcher: number): void {
	let rest = "";
	answer.setEncoding("latin1");
	answer.on("data", (chunk: string) => {
		const at = monotonicMs();
		const text = rest + chunk;
		let start = 0;
		for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
			const from = text.indexOf(VERSION, start) + VERSION.length;
			arrivals.push([Number(text.slice(from, text.indexOf('"', from))), watcher, at]);
			start = end + 1;
		}
		rest = text.slice(start);
	});
}

const lines = createInterface(process.stdin);
let begun = false;
lines.on("line", async (line) => {
	if (!begun) {
		begun = true;
		const order: WatchOrder = JSON.parse(line);
		await Promise.all(Array.from({ length: order.watchers }, (_, watcher) => watch(order, watcher)));
	}
	process.stdout.write(`${JSON.stringify(arrivals)}\n`);
	arrivals = [];
});
lines.on("close", () => process.exit());
