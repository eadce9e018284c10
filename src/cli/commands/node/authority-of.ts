import { resolve } from "node:path";
import { authorityIn } from "../../../../containers/node/certificate-authority.ts";
import { CliError } from "../../errors.ts";
import { loadKubeconfig, readIfThere } from "../../kubeconfig/load.ts";
import { type KubeconfigIo, kubeconfigPaths } from "../../kubeconfig/paths.ts";

interface AuthorityFlags {
	certificateAuthority?: string | undefined;
	kubeconfig?: string | undefined;
}

/**
 * The certificates, in PEM form, of the authority that a server's certificate is to be of: those of the flag, or those that
 * the kubeconfig has for a cluster of the same server, so that a machine that can use a cluster can also join it.
 *
 * @returns `undefined`: whatever Node trusts
 * @throws Error with a sentence when the flag's file holds none, or the kubeconfig or the file that it names cannot be read
 */
export async function authorityOf(url: string, flags: AuthorityFlags, io: KubeconfigIo): Promise<string | undefined> {
	if (flags.certificateAuthority !== undefined) return authorityIn(resolve(io.cwd, flags.certificateAuthority));
	if (!URL.canParse(url) || !/^(https|wss):$/.test(new URL(url).protocol)) return undefined;
	const { clusters } = await loadKubeconfig(kubeconfigPaths(flags.kubeconfig, io).files);
	for (const [name, { server, ...cluster }] of clusters) {
		if (!server || !isAt(url, server)) continue;
		const data = cluster["certificate-authority-data"];
		if (data) return Buffer.from(data, "base64").toString();
		const file = cluster["certificate-authority"];
		if (!file) continue;
		const text = await readIfThere(file);
		if (text !== undefined) return text;
		throw new CliError(
			`The file ${file}, which the kubeconfig names as certificate-authority of the cluster ${name}, is not there. Put it there, or use --certificate-authority FILE.`,
		);
	}
	return undefined;
}

/** The server of a kubeconfig's cluster is the one at the address, or what the address is a part of. */
function isAt(url: string, server: string): boolean {
	if (!URL.canParse(server)) return false;
	const [asked, known] = [new URL(url.replace(/^wss:/i, "https:")), new URL(server)];
	const path = ({ pathname }: URL) => `${pathname.replace(/\/+$/, "")}/`;
	return known.protocol === "https:" && known.origin === asked.origin && path(asked).startsWith(path(known));
}
