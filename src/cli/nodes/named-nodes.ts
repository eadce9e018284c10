import type { Command } from "commander";
import { CliError } from "../errors.ts";
import { NODE } from "../kinds.ts";
import type { ResourceClient, ServerObject } from "../write/resource-client.ts";

/** A node as `cordon`, `drain` and `taint` work with it. */
export type NodeObject = ServerObject & { spec?: { unschedulable?: boolean | undefined } };

/**
 * The nodes that are named, as `NAME` or `node/NAME`, or selected by their labels.
 * @throws CliError in kubectl's words
 */
export async function namedNodes(
	command: Pick<Command, "name">,
	requests: ResourceClient,
	names: readonly string[],
	selector: string | undefined,
): Promise<NodeObject[]> {
	const help = `See 'klaw ${command.name()} -h' for help and examples`;
	if (names.length > 0 && selector) throw new CliError(`cannot specify both a node name and a --selector option\n${help}`);
	if (selector) return (await requests.list(NODE, undefined, { labels: selector })).map(typed);
	if (names.length === 0) throw new CliError(`USAGE: ${command.name()} NODE [flags]\n${help}`);
	const nodes: NodeObject[] = [];
	for (const name of names) nodes.push(typed(await requests.get(placeOf(nameOf(name)))));
	return nodes;
}

export function placeOf(name: string) {
	return { resource: NODE, namespace: undefined, name };
}

function nameOf(word: string): string {
	const [type = "", name, ...more] = word.split("/");
	if (name === undefined) return word;
	if (["node", "nodes", "no"].includes(type) && name !== "" && more.length === 0) return name;
	throw new CliError(`"${word}" is no node. Say NAME or node/NAME.`);
}

/** Items of a list do not say what they are. */
function typed(node: ServerObject): NodeObject {
	return { ...node, apiVersion: "v1", kind: NODE.kind };
}
