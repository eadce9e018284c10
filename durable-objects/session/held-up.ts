/** What keeps a session from its machine although there may be room, said in words: a session never waits in silence. */
import type { SessionEvent } from "./events.ts";
import { isLeaving } from "./leaving.ts";
import { type ActiveRun, type OpenCall, owedCalls, type SessionState } from "./state.ts";
import { callsWantMachine, wantsLease } from "./tool-calls.ts";

/** A person's command that alone keeps a lease from whoever wants it back is cut after so long. */
export const EXEC_GRACE_MS = 30_000;

/** A node's object takes what it is told within the five seconds that it gives its machine. Only after that there is something to be said. */
const LEAVING_MS = 10_000;

export interface HeldUp {
	append: SessionEvent[];
	wakeAt?: number;
}

/** What the session writes when it is held up and has not said so. */
export function decideHeldUp(state: SessionState, now: number): HeldUp {
	// What it waits for is said already.
	if (state.waitingFor !== undefined) return { append: [] };
	const { run } = state.run ?? {};
	const say = (message: string): HeldUp => ({ append: [{ type: "lease.queued", ...(run !== undefined && { run }), message }] });
	const message = heldUpByExecs(state);
	if (message !== undefined) return say(message);
	if (!wantsLease(state) || !isLeaving(state)) return { append: [] };
	const due = state.leftAt + LEAVING_MS;
	return now < due ? { append: [], wakeAt: due } : say(leavingMessage(state));
}

/** The run has a call that cannot begin, since the lease is wanted back and only commands of people keep it. */
export function heldUpByExecs({ lease, recall, run, execs }: SessionState): string | undefined {
	if (!lease || !recall || execs.size === 0 || !run || onNode(run).length > 0 || !callsWantMachine(run)) return undefined;
	const [first] = execs.values();
	const whose = execs.size === 1 ? `a command of ${first?.by} runs there` : `${execs.size} commands of people run there`;
	return `the machine is wanted back (${recall.reason}); ${whose}`;
}

/** When commands of people that alone are in the way are cut; absent: they may take their time. */
export function execsCutAt(state: SessionState): number | undefined {
	const { recall, run, execs } = state;
	if (!recall || execs.size === 0 || onNode(run).length > 0) return undefined;
	return recall.execsCutAt ?? (heldUpByExecs(state) === undefined ? undefined : recall.at + EXEC_GRACE_MS);
}

/** Calls that run on a node, as far as is known. */
export function onNode(run: ActiveRun | undefined): OpenCall[] {
	return run ? owedCalls(run).filter(({ started }) => started?.node !== undefined) : [];
}

function leavingMessage({ outbox }: SessionState): string {
	for (const owed of outbox.values()) {
		if (owed.to === "rest" || owed.to === "workspace")
			return `what the session left on node ${owed.node} is to end first, and klaw could not order that yet`;
	}
	return "the last machine is to be given back first, and klaw could not do that yet";
}
