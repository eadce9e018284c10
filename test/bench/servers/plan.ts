import type { FakeCall } from "../../fakes/reply.ts";

/** What the model does when a message names this plan: so many steps with these calls, and then an answer. */
export interface Plan {
	steps: number;
	/** `{step}` in the arguments becomes the number of the step, from 1. */
	calls: (FakeCall & { arguments: string })[];
	/** Milliseconds before each event of the model's stream; absent: none. */
	delayMs?: number;
}

const MARK = "bench-plan:";

/** A message that makes the model follow a plan. */
export function planMessage(name: string): string {
	return `${MARK}${name};`;
}

/**
 * The plan that the newest message of a request names, and how many steps it has taken. Read from the text of the
 * request, so that the server keeps up with transcripts of megabytes; and from nothing else, so that a repeated request
 * gets the same answer.
 */
export function readPlan(request: string): { name: string; done: number } | undefined {
	const mark = request.lastIndexOf(MARK);
	if (mark < 0) return undefined;
	const name = request.slice(mark + MARK.length, request.indexOf(";", mark));
	let done = 0;
	const assistant = '"role":"assistant"';
	for (let at = request.indexOf(assistant, mark); at >= 0; at = request.indexOf(assistant, at + 1)) done += 1;
	return { name, done };
}
