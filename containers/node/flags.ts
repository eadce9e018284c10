import { parseArgs } from "node:util";
import { parseQuantity } from "../../src/resources/quantity.ts";
import type { Capacity } from "./protocol.ts";

export interface Flags {
	url: string;
	name: string;
	data: string;
	/** The token itself is never in an argument list, where every process of the machine could read it. */
	tokenFile: string;
	labels: Record<string, string>;
	capacity: Partial<Capacity>;
	/** Stop when standard input ends, as it does when the parent dies. */
	exitWithParent: boolean;
}

/**
 * Reads the command line of the node runtime.
 *
 * @throws Error with a sentence
 * @example readFlags(["--url", "http://127.0.0.1:8787", "--name", "local", "--data", "d", "--token-file", "t"])
 */
export function readFlags(args: string[]): Flags {
	const { values } = parseArgs({
		args,
		options: {
			url: { type: "string" },
			name: { type: "string" },
			data: { type: "string" },
			"token-file": { type: "string" },
			labels: { type: "string" },
			capacity: { type: "string" },
			"exit-with-parent": { type: "boolean" },
		},
	});
	return {
		url: required("url", values.url),
		name: required("name", values.name),
		data: required("data", values.data),
		tokenFile: required("token-file", values["token-file"]),
		labels: pairs("labels", values.labels),
		capacity: capacityOf(pairs("capacity", values.capacity)),
		exitWithParent: values["exit-with-parent"] ?? false,
	};
}

function required(flag: string, value: string | undefined): string {
	if (!value) throw new Error(`--${flag} is missing. A node needs --url, --name, --data and --token-file.`);
	return value;
}

/** `k=v,k=v` */
function pairs(flag: string, text = ""): Record<string, string> {
	const parts = text.split(",").filter((part) => part !== "");
	return Object.fromEntries(
		parts.map((part) => {
			const at = part.indexOf("=");
			if (at < 1) throw new Error(`--${flag} holds "${part}", which is not key=value. Write ${flag} as a=1,b=2.`);
			return [part.slice(0, at), part.slice(at + 1)];
		}),
	);
}

function capacityOf(given: Record<string, string>): Partial<Capacity> {
	const capacity: Partial<Capacity> = {};
	for (const [name, text] of Object.entries(given)) {
		if (name !== "cpu" && name !== "memory" && name !== "slots") {
			throw new Error(`--capacity holds "${name}". It knows cpu, memory and slots, as in cpu=2,memory=4Gi,slots=16.`);
		}
		const value = amount(name, text);
		capacity[name] = name === "cpu" ? value : Math.floor(value);
		if (!(capacity[name] > 0)) throw new Error(`--capacity holds ${name}=${text}; it must be more than nothing.`);
	}
	return capacity;
}

function amount(name: string, text: string): number {
	try {
		return parseQuantity(text);
	} catch (error) {
		throw new Error(`--capacity holds ${name}=${text}: ${error instanceof Error ? error.message : error}.`);
	}
}
