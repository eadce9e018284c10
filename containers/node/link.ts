import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { backoffMs } from "./backoff.ts";
import { Connection, type Ended, type Handlers } from "./connection.ts";
import { JoinRefused } from "./join.ts";
import type { Membership } from "./membership.ts";
import type { ToServer } from "./protocol.ts";
import type { RuntimeLink } from "./runtime-link.ts";
import type { Timing } from "./timing.ts";

export interface LinkOptions extends Handlers {
	url: URL;
	membership: Membership;
	/** Certificates, in PEM form, of the authority that the server's is to be of; absent: one that Node trusts. */
	ca?: string | undefined;
	timing: Timing;
	/** From 0 to 1. */
	random(): number;
	log(line: string): void;
}

/** Keeps a connection to the server for as long as the node runs. */
export class Link implements RuntimeLink {
	readonly #options: LinkOptions;
	#connection: Connection | undefined;

	constructor(options: LinkOptions) {
		this.#options = options;
	}

	/** Sends if there is a welcomed connection; otherwise the frame is lost. */
	send(frame: ToServer): void {
		this.#connection?.send(frame);
	}

	/** Like {@link Link.send}, a binary frame. */
	sendData(frame: Uint8Array): void {
		this.#connection?.sendData(frame);
	}

	/**
	 * Dials, and dials again whenever the connection ends, until the signal is aborted.
	 *
	 * @throws Error with the server's sentence when it will never have this node
	 */
	async run(signal: AbortSignal): Promise<void> {
		const { membership, timing, log, random } = this.#options;
		let failures = 0;
		while (!signal.aborted) {
			const ended = await this.#dial(signal);
			if (signal.aborted) return;
			if (ended.status === 401 && membership.refused(ended.deleted ?? false)) {
				log("The server does not take this node's credential. Joining again with the join token.");
				continue;
			}
			if (ended.final) throw new Error(ended.why);
			// A server that hangs up right after its welcome must not be dialled in a tight loop.
			failures = wasGood(ended, timing) ? 1 : failures + 1;
			const wait = backoffMs(failures - 1, timing.backoffFirstMs, timing.backoffMaxMs, random);
			log(`${ended.why} Dialling again in ${(wait / 1000).toFixed(1)} s.`);
			await sleep(wait, undefined, { signal }).catch(() => undefined);
		}
	}

	async #dial(signal: AbortSignal): Promise<Ended> {
		const { url, membership, ca, timing, welcome } = this.#options;
		try {
			const socket = new WebSocket(url, {
				headers: { authorization: `Bearer ${await membership.credential(signal)}` },
				handshakeTimeout: timing.heartbeatLostMs,
				perMessageDeflate: false,
				...(ca !== undefined && { ca }),
			});
			this.#connection = new Connection({
				...{ ...this.#options, socket, authority: ca !== undefined },
				welcome: (incarnation) => {
					membership.welcomed();
					return welcome(incarnation);
				},
			});
			return await this.#connection.run(signal);
		} catch (error) {
			if (error instanceof JoinRefused) return { why: error.message, final: error.final };
			throw error;
		} finally {
			this.#connection = undefined;
		}
	}
}

function wasGood({ welcomedMs }: Ended, timing: Timing): boolean {
	return welcomedMs !== undefined && welcomedMs >= timing.heartbeatMs;
}
