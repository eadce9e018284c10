import type { ToNode } from "../../containers/node/protocol.ts";
import type { LinkMessage, NodeLink } from "./link.ts";

/** @returns false when it could not be sent */
export function sendFrame(link: NodeLink, message: ToNode | LinkMessage): boolean {
	return link.send(typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message));
}
