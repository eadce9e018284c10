/**
 * The envelope of an event is the same words again and again; stored bytes are to follow the bytes that were produced.
 * Each phrase stands as one control character, which JSON text never holds unescaped, so nothing else can be mistaken
 * for it.
 *
 * Journals that are on disk are read with this list: append to it, never change or reorder it. At most 25 phrases
 * (tab, line feed and carriage return are left out, and the first character belongs to the journal).
 */
const PHRASES = [
	'{"type":"model.completed","run":"run-',
	'","step":',
	',"message":{"role":"assistant","content":[',
	'{"type":"tool_call","id":"',
	'","name":"',
	'","arguments":"{\\"',
	'{"type":"text","text":"',
	']},"stopReason":"tool_calls","usage":{"input":',
	']},"stopReason":"end_turn","usage":{"input":',
	',"output":',
	',"cacheRead":0,"cacheWrite":0},"durationMs":',
	'{"type":"tools.started","run":"run-',
	'","calls":[{"callId":"',
	'","giveUpAt":',
	',"node":"',
	'","incarnation":',
	'{"type":"tool.completed","run":"run-',
	'","callId":"',
	'","isError":false,"durationMs":',
	'","isError":true,"durationMs":',
] as const;

const CHARACTERS = PHRASES.map((_, index) => String.fromCharCode(character(index)));

/** 2–8, then from 14 on: what lies between are JSON's own white space and what prints oddly. */
function character(index: number): number {
	return index < 7 ? index + 2 : index + 7;
}

export function shorten(json: string): string {
	let text = json;
	PHRASES.forEach((phrase, index) => {
		text = text.replaceAll(phrase, CHARACTERS[index] ?? phrase);
	});
	return text;
}

export function lengthen(text: string): string {
	let json = text;
	PHRASES.forEach((phrase, index) => {
		json = json.replaceAll(CHARACTERS[index] ?? phrase, phrase);
	});
	return json;
}
