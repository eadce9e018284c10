import { PROTOCOL_VERSION, type ToNode, type ToServer } from "../protocol.ts";
import { isSafeName } from "../safe-name.ts";
import type { Workspaces } from "./workspaces.ts";

export interface RestOptions {
	workspaces: Pick<Workspaces, "rest">;
	/** As of the last `welcome`. */
	incarnation(): number;
	/** Sends if there is a connection. */
	send(frame: ToServer): void;
}

type RestFrame = Extract<ToNode, { type: "rest" }>;

/** The lease of a session has ended: what still runs in its workspace is killed. What comes for it afterwards waits for that. */
export function restHandler({ workspaces, incarnation, send }: RestOptions): (frame: RestFrame) => Promise<void> {
	return async ({ id, workspace, ...frame }) => {
		if (frame.incarnation !== incarnation()) return;
		if (isSafeName(workspace)) await workspaces.rest(workspace);
		send({ v: PROTOCOL_VERSION, type: "rested", id, incarnation: frame.incarnation });
	};
}
