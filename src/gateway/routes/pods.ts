import { type Context, Hono } from "hono";
import { namespaceObjectName, sessionObjectName } from "../../../durable-objects/names.ts";
import type { SessionObject } from "../../../durable-objects/session/object.ts";
import { callTwice } from "../../api/call.ts";
import { givesUpFiles, readEviction } from "../../api/pods/eviction.ts";
import { execOptions } from "../../api/pods/exec-options.ts";
import { logOptions } from "../../api/pods/log-options.ts";
import { logStream } from "../../api/pods/log-stream.ts";
import type { Caller } from "../../api/request.ts";
import { type Answer, ApiError, failure, success, unwrap } from "../../api/status.ts";
import { checkName, checkNamespace } from "../../resources/admit.ts";
import { podKind } from "../../resources/pod/kind.ts";
import { CONTAINER, podOf } from "../../resources/pod/pod-of.ts";
import { isOfTask } from "../../resources/session/finished.ts";
import type { Session } from "../../resources/session/kind.ts";
import { requireBody } from "../body.ts";
import type { GatewayEnv } from "../context.ts";
import { fetchSession } from "../objects.ts";
import { refuseOptions } from "../options/query.ts";
import { dryRunCauses, dryRunValues } from "../options/write-options.ts";
import { reached } from "../reached.ts";
import { type ExecSession, serveExec } from "./exec.ts";

/** What can be done with a pod, which is a session, beyond the verbs of every object. The namespace authorizes each. */
export const pods = new Hono<GatewayEnv>();

const POD = "/api/v1/namespaces/:namespace/pods/:name";

pods.get(`${POD}/log`, async (c) => {
	const { place, name } = podOfPath(c);
	const session = await authorized(c, "log");
	const options = logOptions(new URL(c.req.url).searchParams, name, Date.now());
	checkContainer(options.container, name);
	if (options.previous) throw bad(`previous terminated container "${CONTAINER}" in pod "${name}" not found`);
	const { signal } = c.req.raw;
	const open = async (follow: boolean) => {
		const { body } = await fetchSession(c.env, place, new Request(`https://session/events?follow=${follow}`, { signal }));
		if (!body) throw new ApiError(failure("InternalError", "The session sent no events."));
		return body;
	};
	return c.body(await logStream(open, { ...options, endsWithRun: isOfTask(session) }, Date.now), 200, { "Content-Type": "text/plain" });
});

/** Clients try a WebSocket (GET) first, and SPDY (POST) when that fails, whose answer they show: what else is wrong comes before SPDY. */
pods.on(["GET", "POST"], `${POD}/exec`, async (c) => {
	const { name } = podOfPath(c);
	const session = await authorized(c, "exec");
	const options = execOptions(new URL(c.req.url).searchParams);
	checkContainer(options.container, name);
	const { uid } = session.metadata;
	const ports: ExecSession = {
		target: (exec) => askSession(c, (stub) => stub.execTarget(uid, exec)),
		permitted: () => authorized(c, "exec"),
		ended: (id) => askSession(c, (stub) => stub.execEnded(id)),
	};
	return serveExec(c, name, ports, options);
});

/**
 * Answered at once: the pod leaves when the call that it runs is through, or its grace period over, and then has another uid.
 * That is what `kubectl drain` waits for.
 */
pods.post(`${POD}/eviction`, async (c) => {
	const session = await authorized(c, "eviction");
	const { name, uid } = session.metadata;
	const asked = readEviction(await requireBody(c), podOf(session));
	const dryRun = [...dryRunValues(new URL(c.req.url).searchParams), ...asked.dryRun];
	refuseOptions("DeleteOptions", dryRunCauses(dryRun));
	const abandon = givesUpFiles(session, asked, Date.now());
	if (dryRun.length === 0) {
		const { gracePeriodSeconds } = asked;
		const eviction = { by: c.get("caller").user, abandon, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
		await askSession(c, (stub) => stub.evict(eviction));
	}
	return c.json(success(podKind, name, uid), 201);
});

type PodContext = Context<GatewayEnv, typeof POD>;

/** @throws ApiError when there could be no such pod */
function podOfPath(c: PodContext) {
	const { namespace, name } = c.req.param();
	checkNamespace(namespace);
	checkName(podKind, name);
	return { place: { cluster: c.get("cluster"), namespace, name }, name };
}

interface PodsStub {
	authorizeSession(caller: Caller, name: string, subresource: "log" | "exec" | "eviction"): Promise<Answer<Session>>;
}

/** The session that a pod is, for a caller who may do this with it. @throws ApiError 403 or 404 */
async function authorized(c: PodContext, subresource: "log" | "exec" | "eviction"): Promise<Session> {
	const { place } = podOfPath(c);
	const stub = (): PodsStub => c.env.NAMESPACE.getByName(namespaceObjectName(place.namespace, place.cluster));
	const ask = (namespace: PodsStub) => namespace.authorizeSession(c.get("caller"), place.name, subresource);
	return unwrap(await reached(`Namespace ${place.namespace}`, () => callTwice(stub, ask)));
}

/** @throws ApiError when it cannot be reached */
function askSession<T>(c: PodContext, ask: (stub: Pick<SessionObject, "execTarget" | "execEnded" | "evict">) => Promise<T>): Promise<T> {
	const { cluster, namespace, name } = podOfPath(c).place;
	const stub = () => c.env.SESSION.getByName(sessionObjectName(namespace, name, cluster));
	return reached(`Session ${namespace}/${name}`, () => callTwice(stub, ask));
}

function checkContainer(container: string | undefined, pod: string): void {
	if (container !== undefined && container !== CONTAINER) throw bad(`container ${container} is not valid for pod ${pod}`);
}

function bad(message: string): ApiError {
	return new ApiError(failure("BadRequest", message));
}
