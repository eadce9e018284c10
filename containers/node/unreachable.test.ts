import { describe, expect, it } from "vitest";
import { unreachable } from "./unreachable.ts";

const URL_OF = new URL("https://klaw.example:8443/api/v1/nodes/n/join");
const failed = (code: string, message = code) => Object.assign(new Error(message), { code });
const tell = (error: unknown, authority = false) => unreachable(error, URL_OF, authority);

describe("what trying again cannot mend is final, and says what to do", () => {
	it.each([
		[failed("ENOTFOUND"), "The server's name klaw.example leads nowhere (ENOTFOUND)"],
		[
			failed("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
			"Give the authority's certificate with --certificate-authority FILE: that of klaw up is tls/ca.crt",
		],
		[failed("DEPTH_ZERO_SELF_SIGNED_CERT"), "is of an authority that this machine does not trust (DEPTH_ZERO_SELF_SIGNED_CERT)"],
		[
			failed("ERR_TLS_CERT_ALTNAME_INVALID", "IP: 10.0.0.5 is not in the cert's list: "),
			"for other names: IP: 10.0.0.5 is not in the cert's list",
		],
		[failed("CERT_HAS_EXPIRED"), "is not valid at this time (CERT_HAS_EXPIRED). Have it renewed, or set the clock"],
		[
			failed("EPROTO", "ssl3_get_record:wrong version number"),
			"https://klaw.example:8443 does not speak TLS. Does its address begin with http://?",
		],
		[
			failed("HPE_INVALID_CONSTANT"),
			"https://klaw.example:8443 does not speak HTTP (HPE_INVALID_CONSTANT). Does its address begin with https://?",
		],
	])("%s", (error, message) => {
		expect(tell(error)).toEqual({ message: expect.stringContaining(message), final: true });
	});

	it("an authority that was given is not asked for again", () => {
		expect(tell(failed("SELF_SIGNED_CERT_IN_CHAIN"), true).message).toContain("is not of the authority that it should be of");
	});
});

describe("what may pass is tried again", () => {
	it.each([
		[failed("EAI_AGAIN", "getaddrinfo EAI_AGAIN klaw.example"), "getaddrinfo EAI_AGAIN klaw.example"],
		[failed("ECONNREFUSED", ""), "ECONNREFUSED"],
		[failed("ECONNRESET", "socket hang up"), "socket hang up"],
		["odd", "odd"],
	])("%s", (error, why) => {
		expect(tell(error)).toEqual({ message: `The server at https://klaw.example:8443 could not be reached: ${why}.`, final: false });
	});
});
