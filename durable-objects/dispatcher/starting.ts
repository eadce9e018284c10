import type { StoredNode } from "./ledger.ts";

/** How a container stands from its order until its machine joins. */
export const STARTING = {
	ready: false,
	state: "NotReady",
	reason: "ContainerStarting",
	message: "The container is being started.",
} as const satisfies Partial<StoredNode>;

/** It was ordered and has not joined since. One whose connection is gone or that is being stopped is not: it takes up no start. */
export function isStarting({ reason }: StoredNode): boolean {
	return reason === STARTING.reason;
}

/** When a container that is starting was ordered, milliseconds since the epoch. That it was ordered again since changes nothing. */
export function startingSince({ transitionAt }: StoredNode): number {
	return transitionAt;
}
