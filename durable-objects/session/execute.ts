/** What each effect does, over the ports of a Durable Object. One function a kind; the reactor decides when. */
import type { Env } from "../../src/env.ts";
import type { ModelTool } from "../../src/models/port.ts";
import { resolveModel } from "../../src/models/registry.ts";
import { guardedFetch } from "../../src/tools/outbound-guard.ts";
import { findTool } from "../../src/tools/registry.ts";
import { modelTool } from "../../src/tools/tool.ts";
import { dispatcherObjectName, namespaceObjectName, nodeObjectName } from "../names.ts";
import { collectWorkspace, removeWorkspace } from "../workspace/collect.ts";
import { callModel } from "./call-model.ts";
import { callTool } from "./call-tool.ts";
import type { Effect } from "./effect.ts";
import type { SessionEvent } from "./events.ts";
import type { ExecAsks } from "./exec-asks.ts";
import { watchExec } from "./exec-watch.ts";
import { refuseExecs } from "./execs.ts";
import type { Live } from "./live.ts";
import type { Delivery } from "./outbox.ts";
import { systemPrompt } from "./prompt.ts";
import type { Outcome } from "./reactor.ts";
import { silenceEvents } from "./silence.ts";
import type { SessionState } from "./state.ts";
import { allowedTools, nodeReplaced } from "./tool-calls.ts";

/** How often what goes on elsewhere is asked about when nothing was heard of it. */
const ASK_AGAIN_MS = 30_000;
/** The same when the reason to wait is a passing one: people look at it meanwhile. */
const ASK_SOON_MS = 3_000;

export interface ExecuteContext {
	env: Env;
	/** That the session belongs to. */
	cluster: string;
	state: SessionState;
	live: Live;
	/** Calls that may have reached their node in the life of this memory. */
	left: Set<string>;
	/** Who waits for a person's command. */
	asks: ExecAsks;
	/** Readers have something new to see. */
	changed(): void;
	/** Deletes everything the session stored. */
	wipe(): Promise<void>;
	now(): number;
	random(): number;
}

export async function execute(context: ExecuteContext, effect: Effect, signal: AbortSignal): Promise<Outcome> {
	switch (effect.kind) {
		case "model":
			return { events: await model(context, effect, signal) };
		case "worker-tool":
			return { events: await workerTool(context, effect, signal) };
		case "node-call":
			return nodeCall(context, effect);
		case "acquire": {
			const reply = await context.env.DISPATCHER.getByName(dispatcherObjectName(context.cluster)).acquire(effect.request);
			if (reply.state === "granted") return { events: [{ type: "lease.granted", lease: reply.lease, leaves: true }] };
			const { run } = effect;
			const { message } = reply;
			if (reply.state === "refused")
				return { events: run === undefined ? refuseExecs(context.state, message) : [{ type: "lease.refused", run, message }] };
			const known = context.state.waitingFor === message;
			const askAgainMs = reply.passing ? ASK_SOON_MS : ASK_AGAIN_MS;
			return { events: known ? [] : [{ type: "lease.queued", ...(run !== undefined && { run }), message }], askAgainMs };
		}
		case "renew": {
			const lease = await context.env.DISPATCHER.getByName(dispatcherObjectName(context.cluster)).renew(effect.lease, {
				workspaceBound: context.state.uncheckpointed,
			});
			if (lease) return { events: [{ type: "lease.granted", lease }] };
			return { events: [{ type: "lease.released", id: effect.lease.id, reason: "the dispatcher took it back" }] };
		}
		case "deliver":
			return { events: [await delivered(context, effect.delivery)] };
		case "exec-watch": {
			const { env, cluster, state, asks, now } = context;
			const { node, exec } = effect;
			const hasExec = async () => node !== undefined && (await env.NODE.getByName(nodeObjectName(node, cluster)).hasExec(exec));
			return watchExec(exec, { state, asks, hasExec, now });
		}
		case "collect": {
			const { deleted, more } = await collectWorkspace(context.env, context.cluster, effect.identity, effect.keep);
			// What is too young to go would be looked at again and again.
			return { events: [{ type: "checkpoints.collected", ...(more && deleted.length > 0 && { more }) }] };
		}
		case "wipe":
			await context.wipe();
			return { events: [] };
	}
}

async function model(
	{ env, state, live, changed, now, random }: ExecuteContext,
	effect: Extract<Effect, { kind: "model" }>,
	signal: AbortSignal,
) {
	const run = state.run;
	if (!run || !state.identity) return [];
	const event = await callModel({
		...effect,
		resolve: () => resolveModel(run.model, env),
		request: {
			system: systemPrompt(run.agent, state.identity),
			messages: state.messages,
			tools: allowedTools(run).map(asModelTool),
			maxOutputTokens: run.agent.spec.limits.maxOutputTokens,
		},
		signal,
		onText(text) {
			live.modelText(effect.run, effect.step, effect.attempt, text);
			changed();
		},
		now,
		random,
	});
	live.endModel(effect.run);
	return [event];
}

const schemas = new Map<string, ModelTool>();

/** The JSON Schema of a tool never changes: made once. */
function asModelTool(tool: Parameters<typeof modelTool>[0]): ModelTool {
	const made = schemas.get(tool.name) ?? modelTool(tool);
	schemas.set(tool.name, made);
	return made;
}

async function workerTool(context: ExecuteContext, effect: Extract<Effect, { kind: "worker-tool" }>, signal: AbortSignal) {
	const { env, now } = context;
	const startedAt = now();
	const allowLocal = env.KLAW_ALLOW_LOCAL_NETWORK === "true";
	const outbound = env.OUTBOUND;
	const fetch = guardedFetch({
		fetch: outbound ? (url, init) => outbound.fetch(url, init) : (url, init) => globalThis.fetch(url, init),
		allowLocal,
	});
	const outcome = await callTool(findTool(effect.name), effect.arguments, effect.timeoutMs, { fetch, signal });
	return [
		{
			type: "tool.completed" as const,
			run: effect.run,
			callId: effect.callId,
			name: effect.name,
			durationMs: now() - startedAt,
			...outcome,
		},
	];
}

async function nodeCall(
	{ env, cluster, state, left, now }: ExecuteContext,
	effect: Extract<Effect, { kind: "node-call" }>,
): Promise<Outcome> {
	const { callId } = effect.call;
	const neverLeft = !left.has(callId);
	left.add(callId);
	const reply = await env.NODE.getByName(nodeObjectName(effect.node, cluster)).call(effect.call);
	if (reply.state === "disconnected" && neverLeft) left.delete(callId);
	if (reply.state !== "replaced")
		return { events: silenceEvents(state, { ...effect.call, node: effect.node }, reply), askAgainMs: ASK_AGAIN_MS };
	return { events: state.run ? nodeReplaced(state, state.run, callId, { now: now(), neverLeft }) : [] };
}

async function delivered(context: ExecuteContext, delivery: Delivery): Promise<SessionEvent> {
	const reply = await deliver(context, delivery);
	return { type: "delivered", id: delivery.id, ...(reply === false && { refused: true }) };
}

/** @returns `false`: it was heard, and nobody does it */
async function deliver({ env, cluster }: ExecuteContext, delivery: Delivery): Promise<unknown> {
	switch (delivery.to) {
		case "namespace":
			return env.NAMESPACE.getByName(namespaceObjectName(delivery.namespace, cluster)).report(delivery.report);
		case "dispatcher":
			return env.DISPATCHER.getByName(dispatcherObjectName(cluster)).release(delivery);
		case "node":
			return env.NODE.getByName(nodeObjectName(delivery.node, cluster)).stop(delivery);
		case "exec":
			return unlessOlder(env.NODE.getByName(nodeObjectName(delivery.node, cluster)).endExec(delivery));
		case "rest":
			return unlessOlder(env.NODE.getByName(nodeObjectName(delivery.node, cluster)).rest(delivery));
		case "store":
			return removeWorkspace(env, cluster, delivery.identity);
		case "workspace":
			if (!delivery.moved) return env.NODE.getByName(nodeObjectName(delivery.node, cluster)).forget(delivery);
			// An older object would remove the directory even of a session that is back.
			return (await unlessOlder(env.NODE.getByName(nodeObjectName(delivery.node, cluster)).leave(delivery))) ?? false;
	}
}

/** In the minutes of a deployment an object may still run older code that has no such method, and can do nothing of the kind. */
async function unlessOlder<T>(done: Promise<T>): Promise<T | undefined> {
	try {
		return await done;
	} catch (error) {
		if (error instanceof Error && /does not implement/.test(error.message)) return undefined;
		throw error;
	}
}
