/** The gateway's way to Durable Objects: one place that says how their failures reach a client. */
import { dispatcherObjectName, namespaceObjectName, nodeObjectName, sessionObjectName } from "../../durable-objects/names.ts";
import type { NamespaceObject } from "../../durable-objects/namespace/object.ts";
import { callTwice, statusOfFailedCall } from "../api/call.ts";
import { type Answer, ApiError, unwrap } from "../api/status.ts";
import type { Env } from "../env.ts";

/** The stub's own types lose every object whose spec is not known by kind: RPC types map `unknown` to `never`. */
type NamespaceStub = Pick<
	NamespaceObject,
	"get" | "list" | "create" | "replace" | "delete" | "cancelTask" | "sendMessage" | "cancelSession"
>;
type DispatcherStub = ReturnType<Env["DISPATCHER"]["getByName"]>;

/** Asks a namespace something that may be asked twice. @throws ApiError */
export async function askNamespace<T>(env: Env, namespace: string, ask: (stub: NamespaceStub) => Promise<Answer<T>>): Promise<T> {
	return unwrap(await reached(`Namespace ${namespace}`, () => callTwice(() => namespaceStub(env, namespace), ask)));
}

/** Asks a namespace something that must not be asked twice, such as creating a name. @throws ApiError */
export async function askNamespaceOnce<T>(env: Env, namespace: string, ask: (stub: NamespaceStub) => Promise<Answer<T>>): Promise<T> {
	return unwrap(await reached(`Namespace ${namespace}`, () => ask(namespaceStub(env, namespace))));
}

function namespaceStub(env: Env, namespace: string): NamespaceStub {
	return env.NAMESPACE.getByName(namespaceObjectName(namespace));
}

/** @throws ApiError */
export function askDispatcher<T>(env: Env, ask: (stub: DispatcherStub) => Promise<T>): Promise<T> {
	return reached("The dispatcher", () => callTwice(() => env.DISPATCHER.getByName(dispatcherObjectName()), ask));
}

/** The session's own answer, whatever it is. @throws ApiError when there is none */
export function fetchSession(env: Env, namespace: string, session: string, request: Request): Promise<Response> {
	const name = sessionObjectName(namespace, session);
	return reached(`Session ${namespace}/${session}`, () =>
		callTwice(
			() => env.SESSION.getByName(name),
			(stub) => stub.fetch(request),
		),
	);
}

/** Hands a WebSocket upgrade to the object of a node. @throws ApiError */
export function connectNode(env: Env, node: string, request: Request): Promise<Response> {
	return reached(`Node ${node}`, () => env.NODE.getByName(nodeObjectName(node)).fetch(request));
}

async function reached<T>(what: string, call: () => Promise<T>): Promise<T> {
	try {
		return await call();
	} catch (error) {
		console.error(`${what} could not be called`, error);
		throw new ApiError(statusOfFailedCall(error, what));
	}
}
