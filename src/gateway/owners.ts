/**
 * The gateway's way to the objects that own resources: the Namespace for what is in one, the Dispatcher for nodes, the
 * Cluster for everything else. They decide and answer, and all but the Dispatcher authorize; failures of the way there
 * become a `Status` here.
 */

import { clusterObjectName, DEFAULT_CLUSTER, dispatcherObjectName, namespaceObjectName } from "../../durable-objects/names.ts";
import type { AuditEntry } from "../../durable-objects/store/audit-log.ts";
import { callTwice } from "../api/call.ts";
import type { Decision } from "../api/rbac/authorizer.ts";
import type { PolicyRule } from "../api/rbac/policy.ts";
import type { ApiReply, ApiRequest, Attributes, Caller, ListPage, ResourceRef, WatchRequest } from "../api/request.ts";
import { type Answer, ApiError, failure, unwrap } from "../api/status.ts";
import type { PublicKey } from "../api/tokens/signing-key.ts";
import type { Env } from "../env.ts";
import { nodeKind } from "../resources/node/kind.ts";
import { reached } from "./reached.ts";

/** Who asks when the gateway itself must know something to answer what the caller may ask. */
export const GATEWAY: Caller = { user: "system:apiserver", groups: ["system:masters"] };

const CLUSTERS: ResourceRef = { group: "klaw.sh", version: "v1", plural: "clusters" };

/**
 * What owners answer over RPC. Written by hand, because RPC types map `unknown` to `never`, and objects of every kind
 * would get lost.
 */
interface OwnerStub {
	api(request: ApiRequest): Promise<Answer<ApiReply>>;
	/** `POST https://object/watch` with a {@link WatchRequest}. */
	fetch(url: string, init: RequestInit): Promise<Response>;
}

interface RbacStub {
	authorize(caller: Caller, attributes: Attributes): Promise<Decision>;
}

interface NamespaceStub extends OwnerStub, RbacStub {
	/** Everything that the caller may do there. */
	rules(caller: Caller): Promise<PolicyRule[]>;
	/** Whether that ServiceAccount is there, with what its token is bound to. */
	serviceAccountIs(name: string, uid: string, bound?: BoundObject): Promise<boolean>;
}

interface ClusterStub extends OwnerStub, RbacStub {
	/** Public keys of its tokens. */
	jwks(): Promise<PublicKey[]>;
	/** The namespaces that a request for all of them is about, for a caller who may ask it of all of them. */
	namespaces(caller: Caller, attributes: Attributes): Promise<Answer<string[]>>;
	/** For paths that are no resources. `verb` is the HTTP method in small letters. */
	authorizePath(caller: Caller, verb: string, path: string): Promise<Decision>;
	/** Keeps a record of what the gateway itself decided or did. */
	record(entry: AuditEntry): Promise<void>;
}

/** An object with which a token ends. */
export interface BoundObject {
	kind: "Pod" | "Secret";
	name: string;
	uid: string;
}

/** Whose object it is: a namespace's, or without one the cluster's. */
export interface Place {
	cluster: string;
	namespace?: string;
}

/** @throws ApiError with what the owner refuses the request for */
export async function ask(env: Env, cluster: string, request: ApiRequest): Promise<ApiReply> {
	const { what, stub } = ownerOf(env, cluster, request);
	// What was perhaps written must not be written again.
	const once = request.verb !== "get" && request.verb !== "list";
	return unwrap(await reached(what, () => (once ? stub().api(request) : callTwice(stub, (owner) => owner.api(request)))));
}

/** A page of a list. @throws ApiError */
export async function askPage(env: Env, cluster: string, request: Extract<ApiRequest, { verb: "list" }>): Promise<ListPage> {
	const reply = await ask(env, cluster, request);
	if (reply.type === "list") return reply;
	throw new ApiError(failure("InternalError", `A list of ${request.resource.plural} was answered with something else.`));
}

/** The owner's answer to a watch, also when it is a `Status`. @throws ApiError when there is none */
export function openWatch(env: Env, cluster: string, request: WatchRequest): Promise<Response> {
	const { what, stub } = ownerOf(env, cluster, request);
	const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request) };
	return reached(what, () => callTwice(stub, (owner) => owner.fetch("https://object/watch", init)));
}

/** @throws ApiError when the owner cannot be reached */
export function decide(env: Env, { cluster, namespace }: Place, caller: Caller, attributes: Attributes): Promise<Decision> {
	const ask = (stub: RbacStub) => stub.authorize(caller, attributes);
	return namespace === undefined ? askCluster(env, cluster, ask) : askNamespace(env, cluster, namespace, ask);
}

/** Of a path that is no resource. @throws ApiError when the cluster cannot be reached */
export function decidePath(env: Env, cluster: string, caller: Caller, { verb, path }: { verb: string; path: string }): Promise<Decision> {
	return askCluster(env, cluster, (stub) => stub.authorizePath(caller, verb, path));
}

/** Everything that the caller may do in a namespace. @throws ApiError when it cannot be reached */
export function rulesIn(env: Env, { cluster, namespace }: Required<Place>, caller: Caller): Promise<PolicyRule[]> {
	return askNamespace(env, cluster, namespace, (stub) => stub.rules(caller));
}

/** The namespaces of a cluster in order, for a caller who may ask this of all of them. @throws ApiError 403 */
export async function namespacesFor(env: Env, cluster: string, caller: Caller, attributes: Attributes): Promise<string[]> {
	return unwrap(await askCluster(env, cluster, (stub) => stub.namespaces(caller, attributes))).sort();
}

/** @throws ApiError when the namespace cannot be reached */
export function serviceAccountIs(
	env: Env,
	{ cluster, namespace }: Required<Place>,
	{ name, uid, bound }: { name: string; uid: string; bound?: BoundObject },
): Promise<boolean> {
	return askNamespace(env, cluster, namespace, (stub) => stub.serviceAccountIs(name, uid, bound));
}

/** @throws ApiError when the cluster cannot be reached */
export function publicKeys(env: Env, cluster: string): Promise<PublicKey[]> {
	return askCluster(env, cluster, (stub) => stub.jwks());
}

/** @throws ApiError when it cannot be found out */
export async function clusterExists(env: Env, cluster: string): Promise<boolean> {
	if (cluster === DEFAULT_CLUSTER) return true;
	const request: ApiRequest = { caller: GATEWAY, resource: CLUSTERS, verb: "get", name: cluster };
	const answer = await askCluster(env, DEFAULT_CLUSTER, (stub) => stub.api(request));
	if (answer.ok) return true;
	if (answer.status.code === 404) return false;
	throw new ApiError(answer.status);
}

/** @throws ApiError when the cluster cannot be reached */
export function recordAudit(env: Env, cluster: string, entry: AuditEntry): Promise<void> {
	return askCluster(env, cluster, (stub) => stub.record(entry));
}

function ownerOf(env: Env, cluster: string, { resource, namespace }: Pick<ApiRequest, "resource" | "namespace">) {
	if (namespace !== undefined) return { what: `Namespace ${namespace}`, stub: (): OwnerStub => namespaceStub(env, cluster, namespace) };
	if (isOfDispatcher(resource)) return { what: "The dispatcher", stub: (): OwnerStub => dispatcherStub(env, cluster) };
	return { what: `Cluster ${cluster}`, stub: (): OwnerStub => clusterStub(env, cluster) };
}

/** Nodes come and go with their machines, and leases with them. */
export function isOfDispatcher({ group, plural }: Pick<ResourceRef, "group" | "plural">): boolean {
	return group === nodeKind.group && plural === nodeKind.plural;
}

function askCluster<T>(env: Env, cluster: string, ask: (stub: ClusterStub) => Promise<T>): Promise<T> {
	return reached(`Cluster ${cluster}`, () => callTwice(() => clusterStub(env, cluster), ask));
}

function askNamespace<T>(env: Env, cluster: string, namespace: string, ask: (stub: NamespaceStub) => Promise<T>): Promise<T> {
	return reached(`Namespace ${namespace}`, () => callTwice(() => namespaceStub(env, cluster, namespace), ask));
}

function namespaceStub(env: Env, cluster: string, namespace: string): NamespaceStub {
	return env.NAMESPACE.getByName(namespaceObjectName(namespace, cluster));
}

function clusterStub(env: Env, cluster: string): ClusterStub {
	return env.CLUSTER.getByName(clusterObjectName(cluster));
}

function dispatcherStub(env: Env, cluster: string): OwnerStub {
	return env.DISPATCHER.getByName(dispatcherObjectName(cluster));
}
