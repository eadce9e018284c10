import { errorCode } from "./explain-error.ts";

/** Why there was no answer from a server. */
export interface Unreachable {
	/** A sentence. */
	message: string;
	/** The address or this machine has to be changed: the same attempt, made again, ends in the same way. */
	final: boolean;
}

/** Codes of Node's TLS for a certificate that was issued by nobody who is trusted. */
const UNKNOWN_ISSUER = [
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"CERT_SIGNATURE_FAILURE",
];
const WRONG_TIME = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];
/** What TLS makes of an answer that is none: the first bytes of HTTP are no version and no length. */
const NO_TLS = /wrong version number|packet length too long|http request/i;

/**
 * Says why a connection failed, and what to do about it.
 *
 * @param error of Node's `http`, `https` or `tls`
 * @param authority whether the server's certificate was to be of a certain authority
 */
export function unreachable(error: unknown, url: URL, authority: boolean): Unreachable {
	const { origin, hostname } = url;
	const code = errorCode(error) ?? "";
	const why = error instanceof Error ? error.message || code || error.name : String(error);
	if (code === "ENOTFOUND")
		return final(
			`The server's name ${hostname} leads nowhere (${code}): there is no such host, or this machine's DNS does not know it. Check the address ${origin}.`,
		);
	if (UNKNOWN_ISSUER.includes(code))
		return final(
			authority
				? `The certificate of ${origin} is not of the authority that it should be of, by --certificate-authority or the kubeconfig (${code}). Give the certificate of the one that signed it with --certificate-authority FILE.`
				: `The certificate of ${origin} is of an authority that this machine does not trust (${code}). Give the authority's certificate with --certificate-authority FILE: that of klaw up is tls/ca.crt in its data directory, as in .klaw/tls/ca.crt. On the machine of klaw up its http:// address needs none.`,
		);
	if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
		return final(`The certificate of ${origin} is for other names: ${why}. Give the server's address with one of those.`);
	if (WRONG_TIME.includes(code))
		return final(`The certificate of ${origin} is not valid at this time (${code}). Have it renewed, or set the clock of this machine.`);
	if (NO_TLS.test(why)) return final(`${origin} does not speak TLS. Does its address begin with http://?`);
	if (code.startsWith("HPE_")) return final(`${origin} does not speak HTTP (${code}). Does its address begin with https://?`);
	return { message: `The server at ${origin} could not be reached: ${why}.`, final: false };
}

function final(message: string): Unreachable {
	return { message, final: true };
}
