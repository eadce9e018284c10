import type { Context } from "hono";
import type { ExecTarget } from "../../../durable-objects/session/exec-target.ts";
import { chooseProtocol, failureFrame } from "../../api/pods/exec-channels.ts";
import type { ExecOptions } from "../../api/pods/exec-options.ts";
import { ApiError, failure } from "../../api/status.ts";
import type { GatewayEnv } from "../context.ts";
import { type ExecPlace, type ExecPlacePorts, execPlace, type Found } from "../exec-place.ts";
import { connectNode } from "../objects.ts";

/** The session that a pod is, as a command of a person needs it. */
export interface ExecSession {
	/** Opens the command, or looks how it stands. @throws ApiError when it cannot be reached */
	target(exec: { id: string; by: string }): Promise<ExecTarget>;
	/** The person may still run it. @throws ApiError when not */
	permitted(): Promise<unknown>;
	ended(id: string): Promise<void>;
}

/**
 * Joins a client to its command on the session's node. Until there is one, the client's upgrade waits: it is told only over a
 * WebSocket why there is none, because a client that is refused one tries SPDY instead, and shows what comes of that.
 *
 * @throws ApiError when the client wants no WebSocket
 */
export async function serveExec(c: Context<GatewayEnv>, pod: string, session: ExecSession, options: ExecOptions): Promise<Response> {
	const upgrade = c.req.header("Upgrade")?.toLowerCase() ?? "";
	if (upgrade.startsWith("spdy/"))
		throw bad("klaw does not speak SPDY. Use kubectl 1.31 or newer, which speaks v5.channel.k8s.io over a WebSocket.");
	if (upgrade !== "websocket" || c.req.method !== "GET") throw bad("Upgrade request required");
	const protocols = c.req.header("Sec-WebSocket-Protocol") ?? "";
	const protocol = chooseProtocol(protocols);
	if (!protocol) throw bad("The WebSocket offers none of the protocols v5.channel.k8s.io and v4.channel.k8s.io.");

	const exec = { id: crypto.randomUUID(), by: c.get("caller").user };
	// The session finds out by itself when this is not heard.
	const leave = () => session.ended(exec.id).catch((error) => console.warn(`The end of command ${exec.id} was not heard`, error));
	try {
		const connect = async (found: Found) => {
			const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols };
			const request = new Request(`https://node/exec?${queryOf(exec.id, found, options)}`, { headers });
			const response = await connectNode(c.env, c.get("cluster"), found.node, request);
			return response.status === 503 ? undefined : response;
		};
		const place = await placeOf(c, { ask: () => session.target(exec), permitted: session.permitted, connect, leave });
		if (place.state === "none") return say(protocol, `pod ${pod} has no node to run a command on: ${place.message}`);
		if (place.response.status !== 101) await leave();
		return place.response;
	} catch (error) {
		await leave();
		if (error instanceof ApiError) return say(protocol, error.message);
		throw error;
	}
}

async function placeOf(c: Context<GatewayEnv>, ports: Pick<ExecPlacePorts, "ask" | "permitted" | "connect" | "leave">): Promise<ExecPlace> {
	const { signal } = c.req.raw;
	// Nothing of this request may go on when its client is gone, so what is to be said is said at once.
	const gone = () => c.executionCtx.waitUntil(ports.leave());
	signal.addEventListener("abort", gone, { once: true });
	try {
		return await execPlace({ ...ports, pause, signal, now: Date.now });
	} finally {
		signal.removeEventListener("abort", gone);
	}
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function queryOf(id: string, place: Found, options: ExecOptions): URLSearchParams {
	const { session, workspace, incarnation, files, limits } = place;
	const query = new URLSearchParams({ exec: id, session, workspace, incarnation: String(incarnation) });
	if (files) query.set("state", JSON.stringify(files));
	if (limits) query.set("limits", JSON.stringify(limits));
	for (const word of options.command) query.append("command", word);
	for (const flag of ["stdin", "stdout", "stderr", "tty"] as const) query.set(flag, String(options[flag]));
	return query;
}

const CLOSE_NORMAL = 1000;

/** A WebSocket that says why there is no command, and nothing else. */
function say(protocol: string, message: string): Response {
	const [client, server] = Object.values(new WebSocketPair());
	if (!client || !server) throw new ApiError(failure("InternalError", message));
	server.accept();
	server.send(failureFrame(message));
	server.close(CLOSE_NORMAL);
	return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": protocol } });
}

function bad(message: string): ApiError {
	return new ApiError(failure("BadRequest", message));
}
