/** A host's name as the name of a node: a DNS-1123 label. */
export function nodeName(host: string): string {
	const label = host
		.toLowerCase()
		.split(".")[0]
		?.replace(/[^a-z0-9-]+/g, "-")
		.slice(0, 63)
		.replace(/^-+|-+$/g, "");
	return label || "node";
}
