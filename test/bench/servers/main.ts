/**
 * The model and the web pages of the bench, in a process of their own: whoever measures takes no time from them. It says
 * on its standard output where it listens and ends with its parent.
 */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { startFakeOpenAI } from "../../fakes/openai.ts";
import type { FakeRequest, Reply } from "../../fakes/reply.ts";
import { monotonicMs } from "../monotonic.ts";
import { page } from "./page.ts";
import { type Plan, readPlan } from "./plan.ts";
import { PlanLog } from "./plan-log.ts";

const log = new PlanLog();

function answer(request: FakeRequest): Reply {
	const arrivedAt = monotonicMs();
	const named = readPlan(request.text);
	const plan = named && log.plan(named.name);
	if (!named || !plan) return { status: 400, message: "No message of this request names a plan of the bench." };
	const step = named.done + 1;
	log.arrived(named.name, arrivedAt, step > plan.steps);
	if (step > plan.steps) return { text: "done", delayMs: plan.delayMs };
	const calls = plan.calls.map((call) => ({ ...call, arguments: call.arguments.replaceAll("{step}", String(step)) }));
	return { calls, delayMs: plan.delayMs, usage: { input: 100, output: 10 } };
}

const pages = createServer(async (request, response) => {
	const { pathname, searchParams } = new URL(request.url ?? "/", "http://pages");
	const [kind, name = "", what] = pathname.slice(1).split("/");
	if (kind === "page") {
		const text = page(Number(searchParams.get("bytes")), searchParams.get("kind") === "json" ? "json" : "text");
		return void response.writeHead(200, { "content-type": "text/plain" }).end(text);
	}
	const send = (value: unknown) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
	if (kind === "plans" && request.method === "PUT") send(log.add(name, (await json(request)) as Plan));
	else if (kind === "plans" && what === "arrivals") send(log.arrivals(name));
	else if (kind === "plans" && what === "arrival") send(await log.arrivalAfter(name, Number(searchParams.get("after"))));
	else if (kind === "plans" && what === "finished") send(await log.finished(name, Number(searchParams.get("times") ?? 1)));
	else response.writeHead(404).end();
});
pages.keepAliveTimeout = 60_000;

const model = await startFakeOpenAI({ script: answer, record: false });
await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
const address = pages.address();
const port = typeof address === "object" ? address?.port : undefined;
process.stdout.write(`${JSON.stringify({ model: model.url, pages: `http://127.0.0.1:${port}` })}\n`);
process.stdin.on("end", () => process.exit()).resume();
