import type { Journaled, LiveEvent, SessionEvent } from "../../../durable-objects/session/events.ts";
import { textOf, toolCallsOf } from "../../models/message.ts";
import { isJournaled, type StreamItem } from "../follow.ts";
import { withCode } from "./outcome.ts";
import { PLAIN, printable, type Style } from "./style.ts";
import { type CallView, callIdEnd, describeCall, isCall, newCall, showCalls } from "./tool-calls.ts";
import { formatMs } from "./units.ts";

export interface RenderOptions {
	style: Style;
	/** Show what the user said, as when an old conversation is shown again. */
	prompts: boolean;
	/** `live`: the model's text as it comes. `between`: only what it says between tool calls, not its answer. */
	text: "live" | "between";
	/** Say why a run did not succeed; not when whoever shows it does. */
	outcome: boolean;
}

/** What is on the screen already, as far as it matters for what comes next. */
export interface RenderState {
	readonly options: RenderOptions;
	/** The last character written was a newline, or nothing is written yet. */
	readonly lineStart: boolean;
	/** Text of the step under way that is on the screen. */
	readonly shown: string;
	/** Text of the step under way as its present attempt has it: usually {@link shown}, less after a reconnection. */
	readonly heard: string;
	readonly attempt: string;
	/** Calls of the last step, in the order in which the model asked. */
	readonly calls: readonly CallView[];
	/** Someone wants the run to stop: what fails now was stopped. */
	readonly cancelling: boolean;
}

export function startRendering(options: Partial<RenderOptions> = {}): RenderState {
	const defaults: RenderOptions = { style: PLAIN, prompts: false, text: "live", outcome: true };
	return { options: { ...defaults, ...options }, lineStart: true, shown: "", heard: "", attempt: "", calls: [], cancelling: false };
}

export interface Rendered {
	state: RenderState;
	/** What to write now. */
	text: string;
}

/**
 * What an event adds to the screen. However often a connection is lost, and whatever the server then sends again, no
 * character of a model's text or a tool's output is written twice.
 *
 * Calls that run at the same time are shown one after the other: the first that is not finished streams, the output of
 * the others waits for its turn.
 */
export function render(state: RenderState, item: StreamItem): Rendered {
	return isJournaled(item) ? renderEvent(state, item) : renderLive(state, item);
}

function renderLive(state: RenderState, live: LiveEvent): Rendered {
	if (live.type === "tool.output") {
		const calls = state.calls.map((call) => {
			if (!isCall(call, live.callId) || live.position > call.heard.length) return call;
			return { ...call, heard: call.heard.slice(0, live.position) + live.text };
		});
		return renderCalls(state, calls);
	}
	if (state.options.text !== "live") return { state, text: "" };
	const attempt = `${live.run} ${live.step} ${live.attempt}`;
	const heard = attempt === state.attempt ? state.heard : "";
	if (live.position > heard.length) return { state, text: "" };
	return say({ ...state, attempt }, heard.slice(0, live.position) + live.text);
}

/** The model's text of this step is now known up to here. What differs from what was shown is a new beginning. */
function say(state: RenderState, heard: string): Rendered {
	const { shown } = state;
	if (shown.startsWith(heard)) return { state: { ...state, heard }, text: "" };
	if (heard.startsWith(shown)) return write({ ...state, shown: heard, heard }, printable(heard.slice(shown.length)));
	return write({ ...state, shown: heard, heard }, `${onNewLine(state)}${note(state, "asked again")}${printable(heard)}`);
}

function renderEvent(state: RenderState, { seq, at, event }: Journaled): Rendered {
	switch (event.type) {
		case "message.accepted":
			return state.options.prompts
				? write(state, `${onNewLine(state)}${state.options.style.bold(`> ${printable(event.text)}`)}\n`)
				: { state, text: "" };
		case "model.completed":
			return renderAnswer(state, seq, event);
		case "model.failed":
			return renderFailure(state, at, event);
		case "tools.started":
			return renderCalls(state, event.calls.reduce(withCall, state.calls));
		case "tool.completed": {
			const { callId, name, content, isError, durationMs } = event;
			const result = { content, isError, durationMs, stopped: isError && state.cancelling };
			const calls = withCall(state.calls, { callId, name }).map((call) => (isCall(call, callId) ? { ...call, result } : call));
			return renderCalls(state, calls);
		}
		case "lease.queued":
			return remark(state, `waiting for a node: ${event.message}`);
		case "tool.waiting":
		case "node.silent":
			return remark(state, event.message);
		case "node.heard":
			return remark(state, `node ${event.node} is back`);
		case "lease.recalled":
			return remark(state, `the node is wanted back: ${event.reason}`);
		case "cancel.requested":
			return write({ ...state, cancelling: true }, `${onNewLine(state)}${note(state, "cancelling")}`);
		case "run.finished":
			return renderEnd(state, event);
		default:
			return { state, text: "" };
	}
}

function renderAnswer(state: RenderState, seq: number, event: Extract<SessionEvent, { type: "model.completed" }>): Rendered {
	const wanted = toolCallsOf(event.message);
	const shows = state.options.text === "live" || wanted.length > 0;
	const said = shows ? say(state, textOf(event.message)) : { state, text: "" };
	const ended = write(said.state, onNewLine(said.state));
	const calls = wanted.map((call, index) => newCall(callIdEnd(seq, index), call.name, describeCall(call)));
	const next = renderCalls({ ...ended.state, shown: "", heard: "", attempt: "" }, calls);
	return { state: next.state, text: said.text + ended.text + next.text };
}

/** A call that is not repeated ends the run, which then says why. */
function renderFailure(state: RenderState, at: number, event: Extract<SessionEvent, { type: "model.failed" }>): Rendered {
	const fresh = { ...state, shown: "", heard: "", attempt: "" };
	if (event.retryAt === undefined) return write(fresh, onNewLine(state));
	const next = formatMs(Math.max(0, event.retryAt - at));
	return write(
		fresh,
		`${onNewLine(state)}${note(state, `the model call failed (${event.code}): ${event.message} Asking again in ${next}.`)}`,
	);
}

function renderEnd(state: RenderState, event: Extract<SessionEvent, { type: "run.finished" }>): Rendered {
	const { input, output, cacheRead, cacheWrite } = event.usage;
	const steps = `${event.iterations} ${event.iterations === 1 ? "step" : "steps"}`;
	const read = input + cacheRead + cacheWrite;
	const spent = event.iterations + read + output === 0 ? "" : note(state, `${steps}, ${read} tokens in, ${output} out`);
	const outcome =
		event.phase === "Succeeded" || !state.options.outcome
			? ""
			: `✗ ${withCode(event.phase, event.phase, event.code)}: ${printable(event.message)}\n`;
	const ended = { ...state, shown: "", heard: "", attempt: "", calls: [], cancelling: false };
	return write(ended, `${onNewLine(state)}${outcome}${spent}`);
}

/** A reader who came late has not seen what was asked for: such a call is shown by its name alone. */
function withCall(calls: readonly CallView[], { callId, name }: { callId: string; name: string }): readonly CallView[] {
	return calls.some((call) => isCall(call, callId)) ? calls : [...calls, newCall(callId, name, name)];
}

function renderCalls(state: RenderState, calls: readonly CallView[]): Rendered {
	const shown = showCalls(calls, state.options.style, state.lineStart);
	return write({ ...state, calls: shown.calls }, shown.text);
}

function write(state: RenderState, text: string): Rendered {
	return { state: text === "" ? state : { ...state, lineStart: text.endsWith("\n") }, text };
}

function onNewLine(state: RenderState): string {
	return state.lineStart ? "" : "\n";
}

/** On a line of its own. Output that goes on after it begins a new line. */
function remark(state: RenderState, text: string): Rendered {
	const calls = state.calls.map((call) => (call.stage === "open" ? { ...call, lineStart: true } : call));
	return write({ ...state, calls }, `${onNewLine(state)}${note(state, text)}`);
}

function note(state: RenderState, text: string): string {
	return `${state.options.style.dim(`(${printable(text)})`)}\n`;
}
