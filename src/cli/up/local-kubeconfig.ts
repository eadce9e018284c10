import { stringify } from "yaml";

/** A kubeconfig with one context, `local`. */
export function localKubeconfig(server: string, token: string): string {
	return stringify({
		apiVersion: "v1",
		kind: "Config",
		"current-context": "local",
		clusters: [{ name: "local", cluster: { server } }],
		users: [{ name: "local", user: { token } }],
		contexts: [{ name: "local", context: { cluster: "local", user: "local", namespace: "default" } }],
	});
}
