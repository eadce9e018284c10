import { type Message, type ToolCall, toolCallsOf } from "./message.ts";

/** What every provider takes for an id: Anthropic's characters, OpenAI's length. */
const WIRE_ID = /^[a-zA-Z0-9_-]{1,40}$/;

/** A call's id as any provider accepts it: a session may change its provider, its journal does not. */
export function wireCallId(id: string): string {
	return WIRE_ID.test(id) ? id : `call_${hash(id)}`;
}

/** A call's arguments as a JSON object. What is none is shown to the model as it wrote it, so that it can mend it. */
export function callInput(raw: string): Record<string, unknown> {
	if (raw.trim() === "") return {};
	try {
		const value: unknown = JSON.parse(raw);
		if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	} catch {
		// Falls through: the model's text is kept below.
	}
	return { invalid_json: raw };
}

/** Like {@link callInput}, as text; valid text stays byte for byte, so that prompt caches hit. */
export function callInputText(raw: string): string {
	const input = callInput(raw);
	return raw.trim() === "" || "invalid_json" in input ? JSON.stringify(input) : raw;
}

/**
 * Gives each call of an answer an id of its own in the conversation: local servers leave ids out or count them from 0
 * in every answer. The new ones follow from the place alone, so a repeated call gets the same.
 */
export function withOwnIds(calls: readonly ToolCall[], messages: readonly Message[]): ToolCall[] {
	if (calls.length === 0) return [];
	const taken = new Set(messages.flatMap((message) => (message.role === "assistant" ? toolCallsOf(message).map((call) => call.id) : [])));
	return calls.map((call, place) => {
		let id = call.id || `call_${messages.length}_${place}`;
		if (taken.has(id)) id = `call_${messages.length}_${place}`;
		while (taken.has(id)) id += "_";
		taken.add(id);
		return { ...call, id };
	});
}

/** 53 bits in hex (cyrb53, public domain): equal ids stay equal, different ones differ. */
function hash(text: string): string {
	let a = 0xdeadbeef;
	let b = 0x41c6ce57;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		a = Math.imul(a ^ code, 2654435761);
		b = Math.imul(b ^ code, 1597334677);
	}
	a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
	b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
	return (4294967296 * (2097151 & b) + (a >>> 0)).toString(16).padStart(14, "0");
}
