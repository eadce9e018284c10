import type { ToServer } from "./protocol.ts";

/** A node's link to the server, whoever dials: `Link` does, `Serve` is dialled. */
export interface RuntimeLink {
	/** Sends if there is a welcomed connection; otherwise the frame is lost. */
	send(frame: ToServer): void;
	/** Like {@link RuntimeLink.send}, a binary frame. */
	sendData(frame: Uint8Array): void;
	/** Until the signal is aborted. @throws Error with a sentence when there can be no connection ever */
	run(signal: AbortSignal): Promise<void>;
}
