import { InvalidArgumentError } from "commander";
import { type Flags, readFlags } from "../../containers/node/flags.ts";

/**
 * Reads labels and capacity as the node runtime does on its own command line.
 *
 * @throws Error with a sentence
 */
export function readNodeOptions({
	labels = "",
	capacity = "",
}: {
	labels?: string;
	capacity?: string;
}): Pick<Flags, "labels" | "capacity"> {
	// The runtime insists on flags that do not matter here.
	const rest = ["--url", "http://localhost", "--name", "node", "--data", ".", "--token-file", "-"];
	return readFlags([...rest, "--labels", labels, "--capacity", capacity]);
}

/** For commander: a capacity that the runtime will accept, as it stands. */
export function capacityOption(text: string): string {
	try {
		readNodeOptions({ capacity: text });
		return text;
	} catch (error) {
		throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
	}
}

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
