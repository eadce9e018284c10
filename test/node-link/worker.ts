/**
 * The control plane around one node, for the contract of links: the real object of a node and of a container, between a
 * dispatcher and sessions that only write down what they hear. `POST /` with `{ object, name, method, args }` calls one.
 */
import { DurableObject } from "cloudflare:workers";
import { ContainerObject } from "../../durable-objects/container/object.ts";
import { lastPart } from "../../durable-objects/names.ts";
import { NodeObject } from "../../durable-objects/node/object.ts";
import type { NodeJoined, NodeResultReport } from "../../durable-objects/ports.ts";
import type { Heard } from "./contract.ts";

interface Env {
	CLUSTER: DurableObjectNamespace<ClusterObject>;
	NODE: DurableObjectNamespace<NodeObject>;
	CONTAINER?: DurableObjectNamespace<CuttableContainer>;
}

/** What was heard. */
export class ClusterObject extends DurableObject<Env> {
	readonly #heard: Heard[] = [];
	readonly #results = new Map<string, () => void>();
	#refuses = false;

	async add(heard: Heard): Promise<void> {
		this.#heard.push(heard);
		if (heard.type === "result") this.#results.get(heard.callId)?.();
		if (heard.type === "result" && this.#refuses) throw new Error("The session takes no results now.");
	}

	async heard(): Promise<Heard[]> {
		return this.#heard;
	}

	async refuseResults(refuse: boolean): Promise<void> {
		this.#refuses = refuse;
	}

	/** Runs `true` so many times, one after the other. In milliseconds. */
	async timeCalls(count: number): Promise<number[]> {
		const node = this.env.NODE.getByName("default/node-1");
		const { incarnation } = await node.heartbeat();
		const times: number[] = [];
		while (times.length < count) {
			const callId = crypto.randomUUID();
			const result = new Promise<void>((resolve) => this.#results.set(callId, resolve));
			const call = { callId, session: "default/s", workspace: "s", incarnation, tool: "bash", timeoutMs: 60_000 };
			const from = Date.now();
			await node.call({ ...call, arguments: { command: "true" } });
			await result;
			times.push(Date.now() - from);
		}
		return times;
	}
}

const log = (env: Env) => env.CLUSTER.getByName("log");

export class SessionObject extends DurableObject<Env> {
	readonly #session = (this.ctx.id.name ?? "").split("/").slice(1).join("/");

	async nodeOutput({ callId, text }: { callId: string; text: string }): Promise<void> {
		await log(this.env).add({ who: "session", session: this.#session, type: "output", callId, text });
	}

	async nodeResult({ callId, incarnation, result }: NodeResultReport): Promise<{ accepted: boolean }> {
		await log(this.env).add({ who: "session", session: this.#session, type: "result", callId, incarnation, result });
		return { accepted: true };
	}

	async nodeReady(): Promise<void> {
		await log(this.env).add({ who: "session", session: this.#session, type: "ready" });
	}
}

export class DispatcherObject extends DurableObject<Env> {
	async nodeJoined({ incarnation, source }: NodeJoined): Promise<void> {
		await log(this.env).add({ who: "dispatcher", type: "joined", incarnation, source });
	}

	async nodeLeft(_: string, incarnation: number): Promise<void> {
		await log(this.env).add({ who: "dispatcher", type: "left", incarnation });
	}

	async nodeLost(_: string, incarnation: number): Promise<void> {
		await log(this.env).add({ who: "dispatcher", type: "lost", incarnation });
	}

	async nodeReplaced(_: string, incarnation: number): Promise<void> {
		await log(this.env).add({ who: "dispatcher", type: "replaced", incarnation });
	}

	async containerFailed(_: string, failure: { message: string; final: boolean }): Promise<void> {
		console.error("containerFailed", failure.message);
		await log(this.env).add({ who: "dispatcher", type: "failed" });
	}
}

/** A container whose connection can be cut. */
class CuttableContainer extends ContainerObject {
	#sockets: WebSocket[] = [];

	override async fetch(request: Request): Promise<Response> {
		const response = await super.fetch(request);
		const [near, far] = Object.values(new WebSocketPair());
		const { webSocket } = response;
		if (!webSocket || !near || !far) return response;
		this.#sockets = [far, webSocket];
		for (const [one, other] of [
			[far, webSocket],
			[webSocket, far],
		] as const) {
			one.binaryType = "arraybuffer";
			one.addEventListener("message", ({ data }) => other.send(data));
			one.addEventListener("close", () => other.close(1000));
			one.accept();
		}
		return new Response(null, { status: 101, webSocket: near });
	}

	async cut(): Promise<void> {
		for (const socket of this.#sockets) socket.close(1011, "cut");
	}
}

export class NamespaceObject extends DurableObject {}
export { CuttableContainer as ContainerObject, NodeObject };

type Methods = Record<string, ((...args: unknown[]) => Promise<unknown>) | undefined>;

export default {
	async fetch(request: Request, env: Env & Record<string, DurableObjectNamespace>): Promise<Response> {
		const url = new URL(request.url);
		const node = /^\/api\/v1\/nodes\/([^/]+)\/(link|exec)$/.exec(url.pathname);
		if (node) return env.NODE.getByName(`default/${node[1]}`).fetch(new Request(`https://node/${node[2]}${url.search}`, request));
		const { object, name, method, args } = await request.json<{ object: string; name: string; method: string; args: unknown[] }>();
		const stub: Methods = Object(env[object]?.getByName(name));
		try {
			return Response.json({ value: (await stub[method]?.(...args)) ?? null });
		} catch (error) {
			return Response.json({ error: `${lastPart({ name })}: ${error}` });
		}
	},
};
