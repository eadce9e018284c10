import { hostname } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { labelValueProblem, qualifiedNameProblem } from "../../src/resources/name.ts";
import { parseQuantity } from "../../src/resources/quantity.ts";
import { joinedAs } from "./credential-file.ts";
import { nodeName } from "./node-name.ts";
import { type Capacity, capacitySchema, type NodeTaint } from "./protocol.ts";
import { taintsOf } from "./taints.ts";

export interface Flags {
	/** Absent: {@link Flags.listen}. */
	url: string | undefined;
	/** The port on which the server dials in. */
	listen: number | undefined;
	/** SHA-256, in hex, of the key that the server shows when it dials in. */
	keySha256: string | undefined;
	name: string;
	data: string;
	/** The token itself is never in an argument list, where every process of the machine could read it. Absent: the machine has joined before. */
	tokenFile: string | undefined;
	/** A file with certificates, in PEM form, of the authority that the server's is to be of. */
	certificateAuthority: string | undefined;
	/** The token file is for this start only, and goes as soon as it was read. */
	removeTokenFile: boolean;
	labels: Record<string, string>;
	taints: NodeTaint[];
	/** Absent: in the data directory. */
	workspaceRoot: string | undefined;
	capacity: Partial<Capacity>;
	/** Stop when standard input ends, as it does when the parent dies. */
	exitWithParent: boolean;
}

/**
 * Reads the command line of the node runtime: `[join] URL --token-file FILE …`.
 *
 * @param home where data is kept unless `--data` says where
 * @throws Error with a sentence
 * @example readFlags(["join", "http://127.0.0.1:8787", "--token-file", "t"], "/root")
 */
export function readFlags(args: string[], home: string): Flags {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			url: { type: "string" },
			listen: { type: "string" },
			"key-sha256": { type: "string" },
			name: { type: "string" },
			data: { type: "string" },
			"token-file": { type: "string" },
			"remove-token-file": { type: "boolean" },
			"certificate-authority": { type: "string" },
			labels: { type: "string" },
			taints: { type: "string" },
			capacity: { type: "string" },
			"workspace-root": { type: "string" },
			"exit-with-parent": { type: "boolean" },
		},
	});
	const words = positionals[0] === "join" ? positionals.slice(1) : positionals;
	const [url = values.url, ...more] = words;
	if (!url && values.listen === undefined)
		throw new Error("The address of the server is missing. Start a node with: join URL --token-file FILE");
	if (more.length > 0) throw new Error(`A node joins one server, and was given ${words.join(" and ")}.`);
	const name = values.name ?? (values.data === undefined ? undefined : joinedAs(values.data)) ?? nodeName(hostname());
	return {
		...{ url, name, listen: values.listen === undefined ? undefined : portOf(values.listen) },
		keySha256: values.listen === undefined ? undefined : keyHashOf(values["key-sha256"]),
		data: values.data ?? join(home, ".klaw", "nodes", name),
		tokenFile: values["token-file"],
		removeTokenFile: values["remove-token-file"] ?? false,
		certificateAuthority: values["certificate-authority"],
		labels: labelsOf(values.labels),
		taints: taintsOf(values.taints),
		workspaceRoot: values["workspace-root"],
		capacity: capacityOf(values.capacity),
		exitWithParent: values["exit-with-parent"] ?? false,
	};
}

function portOf(text: string): number {
	const port = Number(text);
	if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
	throw new Error(`--listen ${text} is no port. Give a number from 0 to 65535.`);
}

function keyHashOf(text = ""): string {
	if (/^[0-9a-f]{64}$/.test(text)) return text;
	throw new Error("--listen needs --key-sha256 HASH, the SHA-256 of the key that opens the link, in 64 hexadecimal digits.");
}

/** `k=v,k=v` @throws Error with a sentence */
export function labelsOf(text?: string): Record<string, string> {
	const labels = pairs("labels", text);
	for (const [key, value] of Object.entries(labels)) {
		const problem = qualifiedNameProblem(key) ?? labelValueProblem(value);
		if (problem) throw new Error(`--labels holds "${key}=${value}": ${problem}.`);
	}
	return labels;
}

const EXAMPLE = "cpu=2,memory=4Gi,ephemeral-storage=20Gi,slots=16";
const RESOURCES = { cpu: "cpu", memory: "memory", "ephemeral-storage": "ephemeralStorage", slots: "slots" } as const;

/** Less than a thousandth of a core, or a mebibyte, is of use to nobody: `memory=4` is a unit that was forgotten. */
const LEAST = { cpu: 0.001, memory: 2 ** 20, "ephemeral-storage": 2 ** 20, slots: 1 };
const LEAST_AS_TEXT = { cpu: "1m", memory: "1Mi", "ephemeral-storage": "1Mi", slots: "1" };

/** `cpu=2,memory=4Gi,ephemeral-storage=20Gi,slots=16`, each of which may be left out. @throws Error with a sentence */
export function capacityOf(text?: string): Partial<Capacity> {
	const capacity: Partial<Capacity> = {};
	for (const [name, quantity] of Object.entries(pairs("capacity", text))) {
		if (!isResource(name)) {
			throw new Error(`--capacity holds "${name}". It knows cpu, memory, ephemeral-storage and slots, as in ${EXAMPLE}.`);
		}
		const exact = amount(name, quantity);
		if (!(exact > 0)) throw new Error(`--capacity holds ${name}=${quantity}; it must be more than nothing.`);
		if (name === "slots" && !Number.isInteger(exact))
			throw new Error(`--capacity holds slots=${quantity}; slots are sessions at once, and those are whole.`);
		if (exact < LEAST[name])
			throw new Error(
				`--capacity holds ${name}=${quantity}, which is less than ${LEAST_AS_TEXT[name]}. Is the unit missing, as in ${EXAMPLE}?`,
			);
		const value = name === "cpu" ? exact : Math.floor(exact);
		if (!capacitySchema.shape[RESOURCES[name]].safeParse(value).success) {
			throw new Error(`--capacity holds ${name}=${quantity}, which is more than any machine has.`);
		}
		capacity[RESOURCES[name]] = value;
	}
	return capacity;
}

function isResource(name: string): name is keyof typeof RESOURCES {
	return Object.hasOwn(RESOURCES, name);
}

function pairs(flag: string, text = ""): Record<string, string> {
	const found = new Map<string, string>();
	for (const part of text.split(",").map((part) => part.trim())) {
		if (part === "") continue;
		const at = part.indexOf("=");
		if (at < 1) throw new Error(`--${flag} holds "${part}", which is not key=value. Write --${flag} as a=1,b=2.`);
		const key = part.slice(0, at);
		if (found.has(key)) throw new Error(`--${flag} holds ${key} more than once. Give it one value.`);
		found.set(key, part.slice(at + 1));
	}
	return Object.fromEntries(found);
}

function amount(name: string, text: string): number {
	if (text.startsWith("-")) throw new Error(`--capacity holds ${name}=${text}; it must be more than nothing.`);
	try {
		return parseQuantity(text);
	} catch (error) {
		throw new Error(`--capacity holds ${name}=${text}: ${error instanceof Error ? error.message : error}.`);
	}
}
