import * as z from "zod";
import { messageOf } from "./connection.ts";

export interface JoinRequest {
	/** `…/api/v1/nodes/NAME/join` */
	url: URL;
	/** The join token. */
	token: string;
	/** Of this machine. */
	uid: string;
	/** That it has of this node; absent: none. It is not asked for a second time without it. */
	credential: string | undefined;
	/** Of this runtime. */
	version: string;
	signal: AbortSignal;
}

/** The server did not let this machine join. */
export class JoinRefused extends Error {
	override readonly name = "JoinRefused";
	/** Asking again changes nothing. */
	readonly final: boolean;

	constructor(message: string, final: boolean) {
		super(message);
		this.final = final;
	}
}

const joinedSchema = z.object({ credential: z.string().regex(/^[\x21-\x7e]{16,512}$/) });

/** Answers that mean not now rather than no. 404 is that of a server that is older than this request. */
const NOT_NOW = [404, 408, 425, 429];

/**
 * Exchanges a join token for the credential of one node.
 *
 * @throws JoinRefused with a sentence, also when the server could not be reached; never with a secret in it
 */
export async function join({ url, token, uid, credential, version, signal }: JoinRequest): Promise<string> {
	let response: Response;
	let text: string;
	try {
		response = await fetch(url, {
			method: "POST",
			headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
			body: JSON.stringify({ uid, version, credential }),
			// The token is for that server and no other.
			redirect: "manual",
			signal,
		});
		text = await response.text();
	} catch (error) {
		throw new JoinRefused(`The server at ${url} could not be reached: ${reasonOf(error)}.`, false);
	}
	const { status } = response;
	if (status !== 201) {
		const final = status >= 300 && status < 500 && !NOT_NOW.includes(status);
		throw new JoinRefused(`The server refused this node with ${status}: ${messageOf(text) ?? response.statusText}`, final);
	}
	const joined = joinedSchema.safeParse(jsonOf(text));
	if (joined.success) return joined.data.credential;
	throw new JoinRefused(`The server at ${url} let this node join and gave it no credential. Is it a klaw server?`, true);
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** `fetch` says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { cause } = error;
	return cause instanceof Error ? cause.message || ("code" in cause ? String(cause.code) : cause.name) : error.message;
}
