/** The classes that every cluster has, with Kubernetes' names and values. */
export const SYSTEM_CLASSES = [
	{
		name: "system-cluster-critical",
		value: 2_000_000_000,
		description: "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
	},
	{
		name: "system-node-critical",
		value: 2_000_001_000,
		description: "Used for system critical pods that must not be moved from their current node.",
	},
] as const;

export function systemClass(name: string): (typeof SYSTEM_CLASSES)[number] | undefined {
	return SYSTEM_CLASSES.find((known) => known.name === name);
}
