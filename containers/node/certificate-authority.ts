import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * The certificates of a file in PEM form, as `--certificate-authority` names it.
 *
 * @throws Error with a sentence, when there are none: TLS would take the text and then trust nobody
 */
export function authorityIn(path: string): string {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		throw new Error(`The file ${path} of --certificate-authority cannot be read: ${error instanceof Error ? error.message : error}`);
	}
	try {
		new X509Certificate(text);
	} catch {
		throw new Error(`The file ${path} of --certificate-authority holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).`);
	}
	return text;
}
