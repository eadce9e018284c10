import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import type { KeyPair } from "./certificates.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A clock that is a little behind must not refuse what was just made. */
const BACKDATED_MS = 60 * 60 * 1000;
const SERVER_VALID_MS = 365 * DAY_MS;
/** Kubeconfigs have a copy of the authority's certificate, so that one stays: as long as Kubernetes' own (kubeadm: ten years). */
const AUTHORITY_VALID_MS = 3650 * DAY_MS;

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

x509.cryptoProvider.set(crypto);

/** Makes an authority that may sign servers' certificates, and no further authority. */
export async function issueAuthority(now: number): Promise<KeyPair> {
	const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		// The key's fingerprint, so that two authorities are never taken for one.
		name: `CN=klaw-ca-${(await fingerprint(keys.publicKey)).slice(0, 8)}`,
		...validity(now, AUTHORITY_VALID_MS),
		keys,
		signingAlgorithm: SIGNATURE,
		extensions: [
			new x509.BasicConstraintsExtension(true, 0, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
		],
	});
	return pem(certificate, keys.privateKey);
}

/** Makes a server's certificate for these DNS names and IP addresses. */
export async function issueServer(ca: KeyPair, names: readonly string[], now: number): Promise<KeyPair> {
	const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
	const authority = new x509.X509Certificate(ca.cert);
	const certificate = await x509.X509CertificateGenerator.create({
		subject: "CN=klaw",
		issuer: authority.subject,
		...validity(now, SERVER_VALID_MS),
		publicKey: keys.publicKey,
		signingKey: await importKey(ca.key),
		signingAlgorithm: SIGNATURE,
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
			new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
			new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value }))),
			// Strict verifiers, Python's among them, insist on both.
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
			await x509.AuthorityKeyIdentifierExtension.create(authority),
		],
	});
	return pem(certificate, keys.privateKey);
}

function validity(now: number, ms: number) {
	return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + ms) };
}

function importKey(pem: string): Promise<CryptoKey> {
	const der = new Uint8Array(createPrivateKey(pem).export({ type: "pkcs8", format: "der" }));
	return crypto.subtle.importKey("pkcs8", der, KEY, false, ["sign"]);
}

async function pem(certificate: x509.X509Certificate, privateKey: CryptoKey): Promise<KeyPair> {
	const key = await crypto.subtle.exportKey("pkcs8", privateKey);
	return { cert: `${certificate.toString("pem")}\n`, key: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n` };
}

async function fingerprint(key: CryptoKey): Promise<string> {
	const digest = await crypto.subtle.digest("SHA-256", await crypto.subtle.exportKey("spki", key));
	return Buffer.from(digest).toString("hex");
}
