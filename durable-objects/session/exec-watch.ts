import type { ExecAsks } from "./exec-asks.ts";
import { EXEC_WATCH_MS, forsakeExec } from "./execs.ts";
import type { Outcome } from "./reactor.ts";
import type { SessionState } from "./state.ts";

export interface ExecWatchPorts {
	state: SessionState;
	asks: Pick<ExecAsks, "isQuiet">;
	/** Whether the node has the command; `false` when the session has no node. */
	hasExec(): Promise<boolean>;
	now(): number;
}

/** Looks whether anybody knows of a command still. One that neither its node has nor anybody asks for is over. */
export async function watchExec(id: string, { state, asks, hasExec, now }: ExecWatchPorts): Promise<Outcome> {
	if ((await hasExec()) || !asks.isQuiet(id, now())) return { events: [], askAgainMs: EXEC_WATCH_MS };
	return { events: forsakeExec(state, id) };
}
