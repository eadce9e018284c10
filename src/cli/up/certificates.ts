import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { writePrivateFile } from "./private-file.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A certificate with less time left than this is not used for another start. */
const RENEWED_BEFORE_MS = 30 * DAY_MS;

/** A certificate and its private key, in PEM form. */
export interface KeyPair {
	cert: string;
	key: string;
}

export interface Certificates {
	/** What clients trust, in PEM form. */
	ca: string;
	server: KeyPair;
}

/**
 * The certificates of a data directory, made when they are missing. The server's is made anew when its names do not
 * fit or it ends soon; the authority only when it is unusable, since every kubeconfig and client has a copy of it.
 *
 * @param dir made if it is missing; the keys in it are readable by their owner only
 * @param names DNS names and IP addresses by which clients reach the server
 */
export async function loadCertificates(dir: string, names: readonly string[], now = Date.now()): Promise<Certificates> {
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const authority = readKeyPair(dir, "ca");
	const known = authority && isAuthority(authority, now) ? authority : undefined;
	const server = readKeyPair(dir, "server");
	if (known && server && serves(server, known, names, now)) return { ca: known.cert, server };
	// Loaded when it is needed, which is hardly ever: it takes longer to load than the rest of klaw.
	const { issueAuthority, issueServer } = await import("./issue-certificate.ts");
	const ca = known ?? store(dir, "ca", await issueAuthority(now));
	return { ca: ca.cert, server: store(dir, "server", await issueServer(ca, names, now)) };
}

function isAuthority(pair: KeyPair, now: number): boolean {
	const cert = certificateOf(pair);
	return cert?.ca === true && lasts(cert, now);
}

function serves(pair: KeyPair, ca: KeyPair, names: readonly string[], now: number): boolean {
	const cert = certificateOf(pair);
	if (!cert || !lasts(cert, now) || !cert.verify(new X509Certificate(ca.cert).publicKey)) return false;
	return names.every((name) => (isIP(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined);
}

function lasts(cert: X509Certificate, now: number): boolean {
	return Date.parse(cert.validFrom) <= now && Date.parse(cert.validTo) - now > RENEWED_BEFORE_MS;
}

/** Nothing when it cannot be read or is not the certificate of the key. */
function certificateOf({ cert, key }: KeyPair): X509Certificate | undefined {
	try {
		const certificate = new X509Certificate(cert);
		return certificate.checkPrivateKey(createPrivateKey(key)) ? certificate : undefined;
	} catch {
		return undefined;
	}
}

function readKeyPair(dir: string, name: string): KeyPair | undefined {
	const paths = pathsOf(dir, name);
	if (!existsSync(paths.cert) || !existsSync(paths.key)) return undefined;
	return { cert: readFileSync(paths.cert, "utf8"), key: readFileSync(paths.key, "utf8") };
}

function store(dir: string, name: string, pair: KeyPair): KeyPair {
	const paths = pathsOf(dir, name);
	writePrivateFile(paths.key, pair.key);
	writePrivateFile(paths.cert, pair.cert);
	return pair;
}

function pathsOf(dir: string, name: string): { cert: string; key: string } {
	return { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
}
