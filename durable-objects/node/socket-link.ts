import { PING, PONG } from "../../containers/node/protocol.ts";
import type { LinkMessage, NodeLink } from "./link.ts";

/** Tag of the machine's sockets; those of people's commands have others. */
const LINK = "link";

/** A socket's attachment: who is at the other end, once it was admitted. Outlives the object's memory. */
interface Attachment {
	incarnation: number;
	admittedAt: number;
	/** Of the last message that was no heartbeat, give or take {@link HEARD_EVERY_MS}. */
	heardAt?: number;
}

type Heartbeats = Pick<DurableObjectState, "getWebSocketAutoResponseTimestamp">;

const HEARD_EVERY_MS = 1_000;

/** A hibernatable socket that a machine dialled. Its heartbeats are answered by the platform, without waking the object. */
export class SocketLink implements NodeLink {
	readonly #ctx: Heartbeats;
	readonly #socket: WebSocket;

	constructor(ctx: Heartbeats, socket: WebSocket) {
		this.#ctx = ctx;
		this.#socket = socket;
	}

	/** To be called when the object wakes. */
	static answerHeartbeats(ctx: DurableObjectState): void {
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
	}

	/** Answers an upgrade. What comes over the socket goes to the object's `webSocketMessage`. */
	static accept(ctx: DurableObjectState): Response {
		const [client, server] = Object.values(new WebSocketPair());
		if (!client || !server) return new Response("no WebSocket", { status: 500 });
		ctx.acceptWebSocket(server, [LINK]);
		return new Response(null, { status: 101, webSocket: client });
	}

	static all(ctx: DurableObjectState): SocketLink[] {
		return ctx.getWebSockets(LINK).map((socket) => new SocketLink(ctx, socket));
	}

	get incarnation(): number | undefined {
		return this.#attachment?.incarnation;
	}

	get open(): boolean {
		return this.#socket.readyState === WebSocket.OPEN;
	}

	heardAt(): number {
		const attachment = this.#attachment;
		if (!attachment) return 0;
		return Math.max(
			this.#ctx.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime() ?? 0,
			attachment.admittedAt,
			attachment.heardAt ?? 0,
		);
	}

	admit(incarnation: number, now: number): void {
		const attachment: Attachment = { incarnation, admittedAt: now };
		this.#socket.serializeAttachment(attachment);
	}

	/** A message came. Behind many of them, or one that is large, the heartbeats come late. */
	heard(now: number): void {
		const attachment = this.#attachment;
		if (!attachment || now - (attachment.heardAt ?? attachment.admittedAt) < HEARD_EVERY_MS) return;
		this.#socket.serializeAttachment({ ...attachment, heardAt: now } satisfies Attachment);
	}

	send(message: LinkMessage): boolean {
		try {
			this.#socket.send(message);
			return true;
		} catch {
			// It is closing under our hands.
			return false;
		}
	}

	close(code: number, reason: string): void {
		// It is no longer the machine's: its end is not that of the machine's connection.
		this.#socket.serializeAttachment(null);
		this.#socket.close(code, reason);
	}

	is(other: NodeLink): boolean {
		return other instanceof SocketLink && other.#socket === this.#socket;
	}

	get #attachment(): Attachment | undefined {
		return this.#socket.deserializeAttachment() ?? undefined;
	}
}
