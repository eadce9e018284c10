import { stringify } from "yaml";

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
