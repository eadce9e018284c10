import * as z from "zod";
import { type HttpAnswer, post } from "./post.ts";
import { statusMessage } from "./status-message.ts";
import { unreachable } from "./unreachable.ts";

export interface JoinRequest {
	/** `…/api/v1/nodes/NAME/join` */
	url: URL;
	/** The join token. */
	token: string;
	/** Of this machine. */
	uid: string;
	/** That it has of this node; absent: none, and this is its first contact. It is not asked for a second time without it. */
	credential: string | undefined;
	/** Of this runtime. */
	version: string;
	/** Certificates, in PEM form, of the authority that the server's is to be of; absent: one that Node trusts. */
	ca?: string | undefined;
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

/** Answers of klaw that mean not now rather than no. 404 is that of a server that is older than this request. */
const NOT_NOW = [404, 408, 425, 429];
/** Where a server is below its address: nowhere, or where it keeps its clusters. */
const USUAL_PATH = /^(\/clusters\/[^/]+)?$/;

/**
 * Exchanges a join token for the credential of one node.
 *
 * A machine that never was a node ends at an address that cannot be right, since whoever typed it is still there. One that
 * was a node tries again whatever comes: networks heal.
 *
 * @throws JoinRefused with a sentence, also when the server could not be reached; never with a secret in it
 */
export async function join({ url, token, uid, credential, version, ca, signal }: JoinRequest): Promise<string> {
	const first = credential === undefined;
	let answer: HttpAnswer;
	try {
		answer = await post(url, { token, body: JSON.stringify({ uid, version, credential }), ca, signal });
	} catch (error) {
		const { message, final } = unreachable(error, url, ca !== undefined);
		throw new JoinRefused(message, final && first);
	}
	const { status, body } = answer;
	if (status === 201) {
		const joined = joinedSchema.safeParse(jsonOf(body));
		if (joined.success) return joined.data.credential;
		throw new JoinRefused(`The server at ${url.origin} let this node join and gave it no credential. Is it a klaw server?`, true);
	}
	const said = statusMessage(body);
	if (said === undefined) throw noKlaw(url, answer, first);
	const final = status >= 300 && status < 500 && !NOT_NOW.includes(status);
	throw new JoinRefused(`The server refused this node with ${status}: ${said}${pathHint(url)}`, final);
}

/** A server that says nothing as klaw does: something before it, which may pass, or another server altogether. */
function noKlaw(url: URL, { status, statusText, location }: HttpAnswer, first: boolean): JoinRefused {
	const what = `The server at ${url.origin} does not answer as a klaw server does: ${`${status} ${statusText}`.trim()}`;
	// Not followed: the token is for that server and no other.
	if (location !== undefined && status >= 300 && status < 400)
		return new JoinRefused(`${what}, and sends to ${originOf(location, url)}. If that is where klaw is, join there.`, first);
	const passes = status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
	return new JoinRefused(`${what}.${first && !passes ? " Check the address." : ""}${pathHint(url)}`, first && !passes);
}

function pathHint({ pathname }: URL): string {
	const path = pathname.replace(/\/api\/v1\/nodes\/[^/]+\/join$/, "");
	if (USUAL_PATH.test(path)) return "";
	return ` Is ${path} right? klaw is at the root of its server's address, and its clusters are at /clusters/NAME.`;
}

/** Of where a server sends to, no more than the server: the rest may be long, and is not its address. */
function originOf(location: string, base: URL): string {
	return URL.canParse(location, base) ? new URL(location, base).origin : "elsewhere";
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
