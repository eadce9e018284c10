import { resolve } from "node:path";
import { authorityIn } from "../../../../containers/node/certificate-authority.ts";
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
 * @throws Error with a sentence when the flag's file holds none, or the kubeconfig cannot be read
 */
export async function authorityOf(url: string, flags: AuthorityFlags, io: KubeconfigIo): Promise<string | undefined> {
	if (flags.certificateAuthority !== undefined) return authorityIn(resolve(io.cwd, flags.certificateAuthority));
	if (!URL.canParse(url) || !/^(https|wss):$/.test(new URL(url).protocol)) return undefined;
	const { host } = new URL(url);
	const { clusters } = await loadKubeconfig(kubeconfigPaths(flags.kubeconfig, io).files);
	for (const { server = "", ...cluster } of clusters.values()) {
		if (!server?.startsWith("https:") || !URL.canParse(server) || new URL(server).host !== host) continue;
		const data = cluster["certificate-authority-data"];
		if (data) return Buffer.from(data, "base64").toString();
		const file = cluster["certificate-authority"];
		const text = file ? await readIfThere(file) : undefined;
		if (text !== undefined) return text;
	}
	return undefined;
}
