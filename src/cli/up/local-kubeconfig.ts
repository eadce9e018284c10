import { existsSync } from "node:fs";
import { stringify } from "yaml";
import { editKubeconfig, type KubeconfigEdit } from "../kubeconfig/edit.ts";
import { loadKubeconfig } from "../kubeconfig/load.ts";
import { writePrivateFile } from "./private-file.ts";

const LOCAL = "local";

/**
 * Writes how to reach the local cluster. Of a file that is there already only what is klaw's own is changed: the context
 * `local`, and the address of those other clusters that the same server has.
 *
 * @throws CliError when the file is there and is no kubeconfig
 */
export async function writeLocalKubeconfig(
	path: string,
	{ server, ca, token }: { server: string; ca: string; token: string },
): Promise<void> {
	if (!existsSync(path)) return writePrivateFile(path, localKubeconfig(server, ca, token));
	const authority = { "certificate-authority-data": Buffer.from(ca).toString("base64") };
	const { clusters, contexts } = await loadKubeconfig([path]);
	const before = clusters.get(LOCAL)?.server ?? server;
	const others = [...clusters].flatMap(([name, cluster]): KubeconfigEdit[] =>
		cluster.server?.startsWith(`${before}/clusters/`)
			? [{ list: "clusters", name, set: { server: server + cluster.server.slice(before.length), ...authority } }]
			: [],
	);
	const edits: KubeconfigEdit[] = [
		{ list: "clusters", name: LOCAL, set: { server, ...authority } },
		{ list: "users", name: LOCAL, set: { token } },
		...(contexts.has(LOCAL)
			? []
			: [{ list: "contexts" as const, name: LOCAL, set: { cluster: LOCAL, user: LOCAL, namespace: "default" } }]),
		...others,
	];
	await editKubeconfig({ by: "flag", files: [path] }, edits);
}

/** A kubeconfig with one context, `local`. `ca` is the certificate, in PEM form, of the authority that the server's is of. */
export function localKubeconfig(server: string, ca: string, token: string): string {
	return stringify(
		{
			apiVersion: "v1",
			kind: "Config",
			"current-context": "local",
			clusters: [{ name: "local", cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") } }],
			users: [{ name: "local", user: { token } }],
			contexts: [{ name: "local", context: { cluster: "local", user: "local", namespace: "default" } }],
		},
		{ lineWidth: 0 },
	);
}
