/** What a session did, as its journal and its transcript tell. */
import { expect } from "vitest";
import type { SessionEvent } from "../../durable-objects/session/events.ts";
import type { World } from "./session-world.ts";

/** Every call of every assistant message is answered by the next message, in call order. */
export function expectPairedTranscript(world: World): void {
	const { messages } = world.reactor.state;
	messages.forEach((message, index) => {
		if (message.role !== "assistant") return;
		const calls = message.content.flatMap((block) => (block.type === "tool_call" ? [block.id] : []));
		if (calls.length === 0) return;
		const next = messages[index + 1];
		expect(next?.role === "tool" ? next.results.map(({ id }) => id) : undefined).toEqual(calls);
	});
}

/** How its runs ended, in order. */
export function finished(world: World) {
	return world.events.flatMap(({ event }) => (event.type === "run.finished" ? [event] : []));
}

/** How many events of a type there are. */
export function count(world: World, type: SessionEvent["type"]): number {
	return world.events.filter(({ event }) => event.type === type).length;
}
