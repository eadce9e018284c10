import { globalOptions } from "../../cli.ts";
import { editKubeconfig, type KubeconfigEdit } from "../../kubeconfig/edit.ts";
import { loadKubeconfig } from "../../kubeconfig/load.ts";
import { kubeconfigPaths } from "../../kubeconfig/paths.ts";
import { findConnection } from "../../kubeconfig.ts";
import type { Generator, GeneratorFlags } from "./generator.ts";

interface ClusterFlags extends GeneratorFlags {
	displayName?: string;
	description?: string;
}

export const createCluster: Generator<ClusterFlags> = {
	name: "cluster",
	description: "create a cluster, a control plane of its own, and add a context for it to the kubeconfig",
	kind: { group: "klaw.sh", version: "v1", kind: "Cluster", plural: "clusters", namespaced: false },
	options(command) {
		command.option("--display-name <text>", "what people call it").option("--description <text>", "what it is for");
	},
	object: ({ displayName, description }) => ({
		spec: { ...(displayName !== undefined && { displayName }), ...(description !== undefined && { description }) },
	}),
	async created(name, { cli, command }) {
		const options = globalOptions(command);
		// With --server and --token there is no kubeconfig to speak of.
		if (options.server !== undefined && options.token !== undefined) return;
		const { server } = await findConnection(options, cli.io);
		const paths = kubeconfigPaths(options.kubeconfig, cli.io);
		const config = await loadKubeconfig(paths.files);
		const context = config.contexts.get(options.context ?? config.currentContext ?? "");
		const url = `${server.replace(/\/clusters\/[^/]+$/, "")}/clusters/${name}`;
		const edits: KubeconfigEdit[] = [
			{ list: "clusters", name, copyOf: options.cluster ?? context?.cluster ?? undefined, set: { server: url } },
			{ list: "contexts", name, set: { cluster: name, user: options.user ?? context?.user ?? "", namespace: "default" } },
		];
		await editKubeconfig(paths, edits);
		cli.io.stderr.write(`Context "${name}" added. Switch to it with: klaw config use-context ${name}\n`);
	},
};
