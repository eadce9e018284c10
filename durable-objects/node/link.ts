/**
 * One connection to a machine, from its opening to its end. Whoever holds it neither knows nor cares who dialled:
 *
 * - {@link SocketLink}: a joined machine dialled in, and the socket hibernates with the object;
 * - {@link ContainerLink}: the object dialled into its container;
 * - {@link MemoryLink}: both ends are in one process.
 *
 * What all three keep is in `test/node-link/contract.ts`.
 */
export interface NodeLink {
	/** What the machine was welcomed as; absent before its hello was taken. */
	readonly incarnation: number | undefined;
	/** It can be sent to. A machine that vanished without a word leaves it open: see {@link NodeLink.heardAt}. */
	readonly open: boolean;
	/** When the machine was last heard, in milliseconds since the epoch. Heartbeats count. 0: not since it was admitted. */
	heardAt(): number;
	/** The machine's hello was taken. */
	admit(incarnation: number, now: number): void;
	/** @returns false when it could not be sent */
	send(message: LinkMessage): boolean;
	/** Hangs up. Nothing is handed over afterwards, not even that it ended. */
	close(code: number, reason: string): void;
	/** Whether both are the same connection: a hibernatable socket is met anew at each event. */
	is(other: NodeLink): boolean;
}

/** Frames of the node protocol are text (JSON); stored bytes and what commands read and write are binary. */
export type LinkMessage = string | Uint8Array<ArrayBuffer>;

export interface LinkHandlers {
	/** Everything but heartbeats, which the link answers itself. Never rejects. */
	message(link: NodeLink, message: LinkMessage): Promise<void>;
	/** The other end is gone. Said once. Never rejects. */
	lost(link: NodeLink): Promise<void>;
}
