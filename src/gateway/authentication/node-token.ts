import { UNKNOWN_JOIN_TOKEN } from "../../../durable-objects/dispatcher/join-tokens.ts";
import type { Caller } from "../../api/request.ts";
import { ApiError, failure } from "../../api/status.ts";
import { isNodeSecret, type NodeSecret } from "../../api/tokens/node-secret.ts";
import { AUTHENTICATED } from "./deployment-token.ts";

const HOW = "Make a join token with klaw node token create, and join with it: klaw node join URL --token-file FILE";

/** Whoever joins a machine with a token, as audit records name them. In Kubernetes, too, they are `system:bootstrappers`. */
export function joinerWith(tokenName: string): Caller {
	return { user: `system:bootstrap:${tokenName}`, groups: ["system:bootstrappers", AUTHENTICATED] };
}

/** The join token of a request. Whether it is good is for the Dispatcher to say. @throws ApiError 401 that never says what was sent */
export function joinTokenOf(authorization: string | undefined): string {
	const token = bearerOf("klaw-join", authorization);
	if (token === undefined) throw unauthorized(`${joinTokenProblem(authorization)} ${HOW}`);
	return token;
}

/** What was sent in place of a join token, and nothing of what it holds. */
function joinTokenProblem(authorization = ""): string {
	const [scheme = "", text = "", ...more] = authorization.trim().split(/ +/);
	if (scheme === "") return "The request bears no join token.";
	if (scheme.toLowerCase() !== "bearer") return `The request's Authorization is not "Bearer" and a join token.`;
	if (text === "") return "The join token is empty.";
	if (isNodeSecret("klaw-node", text)) return "This is the credential of a node and not a join token.";
	const form = `A join token is "klaw-join-" and 43 more characters`;
	if (more.length === 0 && text.startsWith("klaw-join-"))
		return `The join token is damaged. ${form}, and here are ${text.length - "klaw-join-".length}, or some that no join token has.`;
	return `This is not a join token. ${form}.`;
}

/** Keeps out what cannot be a node's credential before its node is asked. @throws ApiError 401 */
export function requireCredential(authorization: string | undefined): void {
	if (bearerOf("klaw-node", authorization) === undefined) {
		throw unauthorized(`A node dials in with a credential of its own, which it gets for a join token. ${HOW}`);
	}
}

/** @returns 401 for a machine that knocks at a cluster that is not there, which is nothing to tell a stranger */
export function unknownJoinToken(): ApiError {
	return unauthorized(UNKNOWN_JOIN_TOKEN);
}

function bearerOf(kind: NodeSecret, authorization = ""): string | undefined {
	const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
	return token !== undefined && isNodeSecret(kind, token) ? token : undefined;
}

function unauthorized(message: string): ApiError {
	return new ApiError(failure("Unauthorized", message));
}
