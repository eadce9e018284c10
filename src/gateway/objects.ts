/** The gateway's way to the objects that own no resources: sessions, nodes and their dispatcher. */
import { dispatcherObjectName, namespaceObjectName, nodeObjectName, sessionObjectName } from "../../durable-objects/names.ts";
import type { Message, MessageReply } from "../../durable-objects/namespace/object.ts";
import { callTwice } from "../api/call.ts";
import type { Caller } from "../api/request.ts";
import { type Answer, unwrap } from "../api/status.ts";
import type { Env } from "../env.ts";
import type { BaseResource } from "../resources/resource.ts";
import { reached } from "./reached.ts";

/** What a namespace does with sessions and tasks beyond the verbs of every resource. It authorizes each. */
interface SessionsStub {
	sendMessage(caller: Caller, message: Message): Promise<Answer<MessageReply>>;
	cancelSession(caller: Caller, name: string, reason: string): Promise<Answer<{ cancelled: string[] }>>;
	cancelTask(caller: Caller, name: string, reason: string): Promise<Answer<BaseResource>>;
	/** Whether the session is there and the caller may use that subresource of it. */
	authorizeSession(caller: Caller, name: string, subresource: "events" | "checkpoints" | "restore"): Promise<Answer<BaseResource>>;
}
type DispatcherStub = ReturnType<Env["DISPATCHER"]["getByName"]>;

/** Asks a namespace about its sessions and tasks. Everything there may be asked twice. @throws ApiError */
export async function askSessions<T>(
	env: Env,
	{ cluster, namespace }: { cluster: string; namespace: string },
	ask: (stub: SessionsStub) => Promise<Answer<T>>,
): Promise<T> {
	const stub = (): SessionsStub => env.NAMESPACE.getByName(namespaceObjectName(namespace, cluster));
	return unwrap(await reached(`Namespace ${namespace}`, () => callTwice(stub, ask)));
}

/** @throws ApiError */
export function askDispatcher<T>(env: Env, cluster: string, ask: (stub: DispatcherStub) => Promise<T>): Promise<T> {
	return reached("The dispatcher", () => callTwice(() => env.DISPATCHER.getByName(dispatcherObjectName(cluster)), ask));
}

/** The session's own answer, whatever it is. @throws ApiError when there is none */
export function fetchSession(
	env: Env,
	{ cluster, namespace, name }: { cluster: string; namespace: string; name: string },
	request: Request,
): Promise<Response> {
	const object = sessionObjectName(namespace, name, cluster);
	return reached(`Session ${namespace}/${name}`, () =>
		callTwice(
			() => env.SESSION.getByName(object),
			(stub) => stub.fetch(request),
		),
	);
}

/** Hands a WebSocket upgrade to the object of a node. @throws ApiError */
export function connectNode(env: Env, cluster: string, node: string, request: Request): Promise<Response> {
	return reached(`Node ${node}`, () => env.NODE.getByName(nodeObjectName(node, cluster)).fetch(request));
}
