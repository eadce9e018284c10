import type { Journaled } from "../../../durable-objects/session/events.ts";
import type { ApiClient } from "../api-client.ts";
import { resourcePath } from "../api-resource.ts";
import { ApiError } from "../errors.ts";
import { EventStreamParser } from "../event-stream.ts";
import { SESSION } from "../kinds.ts";
import type { SessionObject } from "../objects.ts";

/** A tool call of a session on its node, or a person's command there. Times in milliseconds. */
export interface NodeCall {
	callId: string;
	/** As it is spoken of: the name of a tool, or `a command of jane`. */
	tool: string;
	startedAt: number;
	/** It was cut before it was through, at this time. */
	cutAt?: number;
}

/** Events before the one that a session's status is about in which a call that still runs has begun, for certain. */
const LOOK_BACK = 200;

/** The calls that began on a node, oldest first: those that run, and those that were cut. What is through is not among them. */
export function nodeCalls(events: Iterable<Journaled>): NodeCall[] {
	const calls = new Map<string, NodeCall>();
	for (const { at, event } of events) {
		if (event.type === "tools.started") {
			for (const { callId, name, node } of event.calls) if (node !== undefined) calls.set(callId, { callId, tool: name, startedAt: at });
		} else if (event.type === "tool.completed") {
			const call = calls.get(event.callId);
			if (call && event.abandoned) calls.set(event.callId, { ...call, cutAt: at });
			else calls.delete(event.callId);
		} else if (event.type === "tools.unbound") calls.delete(event.callId);
		else if (event.type === "exec.opened") calls.set(event.id, { callId: event.id, tool: `a command of ${event.by}`, startedAt: at });
		else if (event.type === "exec.closed") {
			const call = calls.get(event.id);
			if (call && event.cut !== undefined) calls.set(event.id, { ...call, cutAt: at });
			else calls.delete(event.id);
		}
	}
	return [...calls.values()];
}

/** The same of a session on a server; `[]` when the caller may not see its events, or it is gone. */
export async function nodeCallsOf(client: ApiClient, namespace: string, session: string): Promise<NodeCall[]> {
	try {
		const path = resourcePath(SESSION, namespace, session);
		const { status } = await client.json<SessionObject>(path);
		const seq = typeof status?.observedSeq === "number" ? status.observedSeq : 0;
		const text = await client.text(`${path}/events?after=${Math.max(0, seq - LOOK_BACK)}`, { headers: { Accept: "text/event-stream" } });
		return nodeCalls(new EventStreamParser().push(new TextEncoder().encode(text)).map(({ data }): Journaled => JSON.parse(data)));
	} catch (error) {
		if (error instanceof ApiError) return [];
		throw error;
	}
}
