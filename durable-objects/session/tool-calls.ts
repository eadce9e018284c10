import { findTool, TOOLS } from "../../src/tools/registry.ts";
import { parseArguments, type Tool } from "../../src/tools/tool.ts";
import type { Effect } from "./effect.ts";
import type { SessionEvent, StartedCall, ToolCompleted } from "./events.ts";
import { type ActiveRun, type OpenCall, owedCalls, ranMs, type SessionState, sessionRef, workspaceName } from "./state.ts";
import { unknownOutcome } from "./unknown-outcome.ts";
import { sessionLimits, workspaceState } from "./workspace-state.ts";

/**
 * How long past its own timeout a call on a node may stay silent, and how long the node then has to answer when it is
 * asked once more: longer than it needs to be found again after everything was restarted.
 */
export const NODE_SILENCE_MS = 60_000;

export interface ToolDecision {
	append: SessionEvent[];
	effects: Effect[];
	wakeAt?: number;
}

/** What the calls that are owed a result need now. Calls run in parallel; their results are put in order by `evolve`. */
export function decideTools(state: SessionState, run: ActiveRun, now: number, checkpoints: boolean): ToolDecision {
	const decision: ToolDecision = { append: [], effects: [] };
	const starting: StartedCall[] = [];
	for (const call of owedCalls(run)) {
		const checked = check(run, call);
		if ("refusal" in checked) decision.append.push(completed(run, call, checked.refusal, now));
		else if (call.started) goOn(decision, { state, run, call, now, checkpoints, ...checked });
		else if (checked.tool.runsOn === "worker") starting.push(start(call, now, checked));
		// A lease that is wanted back takes no further call; it is gone as soon as those that run are through.
		else if (state.lease && state.recall) continue;
		// One that nobody could renew in time may be another's by now: it is renewed, or lost, before anything begins.
		else if (state.lease && state.lease.expiresAt <= now) continue;
		else if (state.lease) starting.push(start(call, now, checked, { ...state.lease, kept: checkpoints }));
	}
	if (starting.length > 0) decision.append.push({ type: "tools.started", run: run.run, calls: starting });
	return decision;
}

interface Checked {
	tool: Tool;
	args: Record<string, unknown>;
}

/** A call that cannot run is answered with what is wrong, so that the model may try again. */
function check(run: ActiveRun, call: OpenCall): Checked | { refusal: string } {
	const tool = findTool(call.name);
	const allowed = allowedTools(run).map(({ name }) => name);
	if (!tool || !allowed.includes(call.name)) {
		const offer = allowed.length === 0 ? "This agent has no tools." : `The tools are: ${allowed.join(", ")}.`;
		return { refusal: `There is no tool "${call.name}" for this agent. ${offer}` };
	}
	const parsed = parseArguments(tool, call.arguments);
	return parsed.ok ? { tool, args: parsed.arguments } : { refusal: parsed.message };
}

/** The tools that the run's agent may use, in the registry's order. */
export function allowedTools(run: ActiveRun): Tool[] {
	const { tools: list, approval } = run.agent.spec;
	const policy = (name: string) => (approval && Object.hasOwn(approval.tools, name) ? approval.tools[name] : approval?.default) ?? "allow";
	// As long as nobody can be asked, what is to be asked about is as good as denied.
	return TOOLS.filter(({ name }) => (!list || list.includes(name)) && policy(name) === "allow");
}

/** A call, or a person's command, waits for a machine. */
export function wantsLease(state: SessionState): boolean {
	return callsWantLease(state) || (state.execs.size > 0 && !state.lease);
}

/** A call waits for a machine. */
export function callsWantLease({ run, lease }: SessionState): boolean {
	return run !== undefined && callsWantMachine(run) && !lease;
}

/** A call is to begin on a machine. */
export function callsWantMachine(run: ActiveRun): boolean {
	return owedCalls(run).some((call) => !call.started && findTool(call.name)?.runsOn === "node");
}

function start(
	call: OpenCall,
	now: number,
	{ tool, args }: Checked,
	place?: { node: string; incarnation: number; kept: boolean },
): StartedCall {
	const giveUpAt = now + tool.timeoutMs(args) + NODE_SILENCE_MS;
	return { callId: call.callId, name: call.name, giveUpAt, ...(place && at(place)) };
}

function at({ node, incarnation, kept }: { node: string; incarnation: number; kept: boolean }): Partial<StartedCall> {
	return { node, incarnation, rests: true, ...(kept && { kept }) };
}

interface Started extends Checked {
	state: SessionState;
	run: ActiveRun;
	call: OpenCall;
	now: number;
	checkpoints: boolean;
}

function goOn(decision: ToolDecision, { state, run, call, now, tool, args, checkpoints }: Started): void {
	const { node, incarnation, giveUpAt } = call.started ?? { giveUpAt: now };
	if (node === undefined || incarnation === undefined) {
		if (call.fence !== state.fence && !tool.idempotent) {
			decision.append.push(unknown(run, call, "klaw was restarted while it ran", now));
			return;
		}
		const timeoutMs = tool.timeoutMs(args);
		decision.effects.push({
			kind: "worker-tool",
			key: `tool:${call.callId}`,
			run: run.run,
			callId: call.callId,
			name: call.name,
			arguments: args,
			timeoutMs,
		});
		return;
	}
	if (now >= giveUpAt && !call.overdue) {
		decision.append.push({ type: "tool.overdue", run: run.run, callId: call.callId, giveUpAt: now + NODE_SILENCE_MS });
		return;
	}
	if (now >= giveUpAt) {
		decision.append.push({ ...unknown(run, call, `node ${node} does not answer`, now), abandoned: true });
		return;
	}
	decision.wakeAt = Math.min(decision.wakeAt ?? giveUpAt, giveUpAt);
	if (!state.identity) return;
	decision.effects.push({
		kind: "node-call",
		key: `tool:${call.callId}`,
		run: run.run,
		node,
		call: {
			callId: call.callId,
			session: sessionRef(state.identity),
			workspace: workspaceName(state.identity),
			incarnation,
			tool: call.name,
			arguments: args,
			timeoutMs: tool.timeoutMs(args),
			state: workspaceState(state, run.agent.spec, checkpoints),
			limits: sessionLimits(run.agent.spec),
		},
	});
}

/**
 * The machine of that incarnation is gone for good. A call that may be repeated, or that never left, is bound to no node
 * again (the session has no lease now, so it will get another); any other has an unknown outcome and is not repeated.
 */
export function nodeReplaced(
	state: SessionState,
	run: ActiveRun,
	callId: string,
	{ now, neverLeft = false }: { now: number; neverLeft?: boolean },
): SessionEvent[] {
	const call = owedCalls(run).find((open) => open.callId === callId);
	if (!call?.started?.node) return [];
	const { node } = call.started;
	const events: SessionEvent[] = [];
	if (state.lease?.node === node && state.lease.incarnation === call.started.incarnation)
		events.push({ type: "lease.released", id: state.lease.id, reason: `node ${node} is gone`, cause: "NodeLost" });
	// In an older drive it may have left without this one knowing.
	const unsent = neverLeft && call.fence === state.fence;
	if (unsent || findTool(call.name)?.idempotent) events.push({ type: "tools.unbound", run: run.run, callId });
	else events.push({ ...unknown(run, call, `node ${node} was lost, or replaced by another machine`, now), lost: true });
	return events;
}

function unknown(run: ActiveRun, call: OpenCall, why: string, now: number): ToolCompleted {
	return completed(run, call, unknownOutcome(why, call.startedAt === undefined ? undefined : ranMs(call, now)), now);
}

function completed(run: ActiveRun, call: OpenCall, content: string, now: number): ToolCompleted {
	const { callId, name } = call;
	return { type: "tool.completed", run: run.run, callId, name, content, isError: true, durationMs: ranMs(call, now) };
}
