import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { httpRequest, textOf } from "../http-request.ts";
import { type Certificates, loadCertificates } from "./certificates.ts";
import { serverNames } from "./server-names.ts";

const DAY = 24 * 60 * 60 * 1000;
const NAMES = ["localhost", "127.0.0.1", "::1", "laptop"];

let dir: string;
beforeEach(() => {
	dir = join(mkdtempSync(join(tmpdir(), "klaw-tls-")), "tls");
});
afterEach(() => rmSync(join(dir, ".."), { recursive: true, force: true }));

const server = (certificates: Certificates) => new X509Certificate(certificates.server.cert);

describe("the certificates of klaw up", () => {
	it("are an authority and a server's for every name, on P-256, good for a year", async () => {
		const made = await loadCertificates(dir, NAMES);
		const [ca, cert] = [new X509Certificate(made.ca), server(made)];
		expect(ca.ca).toBe(true);
		expect(cert.ca).toBe(false);
		expect(cert.checkIssued(ca) && cert.verify(ca.publicKey)).toBe(true);
		expect(cert.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:laptop");
		expect(cert.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
		expect(cert.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
		expect((Date.parse(cert.validTo) - Date.now()) / DAY).toBeCloseTo(365, 0);
	});

	it("have keys that only their owner can read", async () => {
		await loadCertificates(dir, NAMES);
		for (const name of ["ca.key", "server.key"]) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
	});

	it("stay as they are from start to start", async () => {
		const first = await loadCertificates(dir, NAMES);
		expect(await loadCertificates(dir, NAMES)).toEqual(first);
		expect(await loadCertificates(dir, NAMES.slice(1))).toEqual(first);
	});

	it.each([
		["it ends within 30 days", NAMES, 336 * DAY],
		["the machine has a new name", [...NAMES, "192.0.2.7"], 0],
	])("get a new server's certificate of the same authority when %s", async (_, names, later) => {
		const first = await loadCertificates(dir, NAMES);
		const next = await loadCertificates(dir, names, Date.now() + later);
		expect(next.ca).toBe(first.ca);
		expect(next.server.cert).not.toBe(first.server.cert);
		expect(server(next).verify(new X509Certificate(first.ca).publicKey)).toBe(true);
	});

	it.each([
		["its certificate is damaged", "ca.crt", "no certificate"],
		["its key is damaged", "ca.key", ""],
	])("get a new authority when %s, and a server's certificate of it", async (_, file, text) => {
		const first = await loadCertificates(dir, NAMES);
		writeFileSync(join(dir, file), text);
		const next = await loadCertificates(dir, NAMES);
		expect(next.ca).not.toBe(first.ca);
		expect(server(next).verify(new X509Certificate(next.ca).publicKey)).toBe(true);
		expect(readFileSync(join(dir, "ca.crt"), "utf8")).toBe(next.ca);
	});

	it("get a new authority when the old one's end is near", async () => {
		const first = await loadCertificates(dir, NAMES);
		const next = await loadCertificates(dir, NAMES, Date.now() + 3640 * DAY);
		expect(next.ca).not.toBe(first.ca);
	});

	it("are those of an authority that a client trusts, and of no name but theirs", async () => {
		const { ca, server } = await loadCertificates(dir, ["localhost", "127.0.0.1"]);
		const listening = createServer({ cert: server.cert, key: server.key }, (_, response) => response.end("here")).listen(0, "127.0.0.1");
		await new Promise((resolve) => listening.once("listening", resolve));
		const address = listening.address();
		const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
		const get = (tls: object) => httpRequest(url, { tls }).then(textOf);
		const why = (error: NodeJS.ErrnoException) => error.code;
		try {
			expect(await get({ ca })).toBe("here");
			expect(await get({ insecure: true })).toBe("here");
			expect(await get({ ca, serverName: "localhost" })).toBe("here");
			expect(await get({}).catch(why)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
			expect(await get({ ca, serverName: "elsewhere" }).catch(why)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
		} finally {
			listening.closeAllConnections();
			listening.close();
		}
	});
});

describe("the names of this machine", () => {
	it("always hold those of the loopback, and the address that was chosen", () => {
		expect(serverNames("192.0.2.1").slice(0, 4)).toEqual(["localhost", "127.0.0.1", "::1", "192.0.2.1"]);
		expect(serverNames("127.0.0.1").filter((name) => name === "127.0.0.1")).toHaveLength(1);
		expect(serverNames("0.0.0.0")).not.toContain("0.0.0.0");
	});
});
