import { nameProblem } from "../../src/resources/name.ts";

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

/** Of a name that a person gave, before anything is made for it. @throws Error in Kubernetes' words */
export function checkNodeName(name: string): void {
	const problem = nameProblem("subdomain", name);
	if (problem !== undefined)
		throw new Error(`--name ${JSON.stringify(name)} is no name of a node: ${problem}. Give one such as ${nodeName(name)}.`);
}
