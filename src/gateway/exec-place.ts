import type { ExecTarget } from "../../durable-objects/session/exec-target.ts";

/** A person's command waits so long for a node. Whoever still wants it then asks again, and sees why it takes so long. */
export const EXEC_PATIENCE_MS = 120_000;

/** A node that is not connected is asked again after so long; it may be back, or lost, and the session elsewhere. */
const RECONNECT_MS = 1_000;

export type Found = Extract<ExecTarget, { state: "found" }>;
export type ExecPlace = { state: "connected"; response: Response } | Extract<ExecTarget, { state: "none" }>;

export interface ExecPlacePorts {
	/** Each question waits a moment for a node. */
	ask(): Promise<ExecTarget>;
	/** Asked again after a wait, in which a role may have been taken away. @throws ApiError when the person may not any more */
	permitted(): Promise<unknown>;
	/** Joins the client to the command on its node; `undefined`: the node is not connected. */
	connect(place: Found): Promise<Response | undefined>;
	pause(ms: number): Promise<void>;
	/** Nobody waits any more: the session gives back what it has for the command. */
	leave(): Promise<void>;
	/** Aborted when the client is gone. */
	signal: AbortSignal;
	now(): number;
}

/** Asks the session until the command runs on a node, or will get none. @throws what `ask`, `permitted` and `connect` throw */
export async function execPlace({ ask, permitted, connect, pause, leave, signal, now }: ExecPlacePorts): Promise<ExecPlace> {
	const until = now() + EXEC_PATIENCE_MS;
	for (let waited = false; ; waited = true) {
		const target = await ask();
		if (target.state === "found" && !signal.aborted) {
			if (waited) await permitted();
			const response = await connect(target);
			if (response) return { state: "connected", response };
			await pause(RECONNECT_MS);
		}
		if (target.state === "none") return target;
		const message = target.state === "waiting" ? target.message : `node ${target.node} is not connected.`;
		if (signal.aborted || now() >= until) {
			await leave();
			return { state: "none", message };
		}
	}
}
