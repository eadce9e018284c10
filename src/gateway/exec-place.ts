import type { ExecTarget } from "../../durable-objects/session/exec-target.ts";

/** A person's command waits so long for a node. Whoever still wants it then asks again, and sees why it takes so long. */
export const EXEC_PATIENCE_MS = 120_000;

export type ExecPlace = Exclude<ExecTarget, { state: "waiting" }>;

export interface ExecPlacePorts {
	/** Each question waits a moment for a node. */
	ask(): Promise<ExecTarget>;
	/** Nobody waits any more: the session gives back what it has for the command. */
	leave(): Promise<void>;
	/** Aborted when the client is gone. */
	signal: AbortSignal;
	now(): number;
}

/** Asks the session until the command has a place, or will get none. @throws what `ask` throws */
export async function execPlace({ ask, leave, signal, now }: ExecPlacePorts): Promise<ExecPlace> {
	const until = now() + EXEC_PATIENCE_MS;
	for (;;) {
		const target = await ask();
		if (target.state === "found" && !signal.aborted) return target;
		if (target.state === "none") return target;
		const message = target.state === "waiting" ? target.message : "nobody waits for it any more.";
		if (signal.aborted || now() >= until) {
			await leave();
			return { state: "none", message };
		}
	}
}
