import type { Execs } from "../exec/execs.ts";
import { PROTOCOL_VERSION, type ToNode, type ToServer } from "../protocol.ts";
import { isSafeName } from "../safe-name.ts";
import type { Workspaces } from "./workspaces.ts";

export interface RestOptions {
	workspaces: Pick<Workspaces, "rest">;
	/** Commands of people: those that were killed in it have their files kept before the session may go elsewhere. */
	execs: Pick<Execs, "through">;
	/** As of the last `welcome`. */
	incarnation(): number;
	/** Sends if there is a connection. */
	send(frame: ToServer): void;
}

type RestFrame = Extract<ToNode, { type: "rest" }>;

/** The lease of a session has ended: what still runs in its workspace is killed. What comes for it afterwards waits for that. */
export function restHandler({ workspaces, execs, incarnation, send }: RestOptions): (frame: RestFrame) => Promise<void> {
	return async ({ id, workspace, ...frame }) => {
		if (frame.incarnation !== incarnation()) return;
		// Of what was begun so far: what comes later is of another lease.
		const through = execs.through(workspace);
		if (isSafeName(workspace)) await workspaces.rest(workspace);
		await through;
		send({ v: PROTOCOL_VERSION, type: "rested", id, incarnation: frame.incarnation });
	};
}
