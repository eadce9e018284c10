import { ConnectionError } from "./errors.ts";

/** Codes of Node's TLS for a certificate that was issued by nobody who is trusted. */
const UNKNOWN_ISSUER = new Set([
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"CERT_SIGNATURE_FAILURE",
]);

/** Says why there was no answer, and what to do about it. */
export function connectionLost(error: unknown, server: string, timeoutMs: number): ConnectionError {
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
	if (code === "ECONNREFUSED")
		return new ConnectionError(`The connection to the server ${server} was refused. Is klaw running there? Start it with: npm start`, {
			refused: true,
			cause: error,
		});
	if (error instanceof Error && error.name === "TimeoutError")
		return new ConnectionError(`The server ${server} did not answer within ${timeoutMs / 1000} s.`, { cause: error });
	if (UNKNOWN_ISSUER.has(code))
		return new ConnectionError(
			`The certificate of the server ${server} is of an authority that is not trusted (${code}). Name its certificate as certificate-authority in the kubeconfig; \`klaw up\` writes one that has it.`,
			{ cause: error },
		);
	const why = cause instanceof Error ? cause.message : String(cause);
	const known = code === "" || why.includes(code) ? why : `${why} (${code})`;
	return new ConnectionError(`The connection to the server ${server} failed: ${known}.`, { cause: error });
}
