import { readFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { CliError } from "./errors.ts";
import type { Io } from "./io.ts";

const cluster = z.object({ server: z.string().nullish() });
const user = z.object({ token: z.string().nullish(), tokenFile: z.string().nullish() });
const context = z.object({ cluster: z.string().nullish(), user: z.string().nullish(), namespace: z.string().nullish() });

// Unknown fields are left alone: the same file serves kubectl, which knows far more of them.
const kubeconfigSchema = z.object({
	"current-context": z.string().nullish(),
	clusters: z.array(z.object({ name: z.string(), cluster: cluster.prefault({}) })).nullish(),
	users: z.array(z.object({ name: z.string(), user: user.prefault({}) })).nullish(),
	contexts: z.array(z.object({ name: z.string(), context: context.prefault({}) })).nullish(),
});

/** Where to send requests, and as whom. */
export interface Connection {
	/** URL without a slash at its end. */
	server: string;
	token: string | undefined;
	namespace: string;
	/** What to name in a sentence about these credentials, e.g. `context "local" of .klaw/kubeconfig`. */
	source: string;
}

/** The options of the command line that choose a connection. */
export interface ConnectionOptions {
	kubeconfig?: string | undefined;
	context?: string | undefined;
	namespace?: string | undefined;
	server?: string | undefined;
	token?: string | undefined;
}

interface Merged {
	files: string[];
	currentContext: string | undefined;
	clusters: Map<string, z.infer<typeof cluster>>;
	users: Map<string, z.infer<typeof user>>;
	contexts: Map<string, z.infer<typeof context>>;
}

/**
 * Finds the cluster like kubectl: `--kubeconfig`, `KUBECONFIG` (a list; the first file that has a value wins),
 * `.klaw/kubeconfig` in the working directory, `~/.kube/config`.
 *
 * @throws CliError that says where it looked.
 */
export async function findConnection(options: ConnectionOptions, io: Pick<Io, "env" | "cwd" | "home">): Promise<Connection> {
	const flagged = { server: options.server?.replace(/\/+$/, ""), token: options.token };
	if (flagged.server !== undefined && flagged.token !== undefined)
		return { server: flagged.server, token: flagged.token, namespace: options.namespace ?? "default", source: "--token" };

	const config = await load(options, io);
	const files = config.files.join(", ");
	const name = options.context ?? config.currentContext;
	if (name === undefined) throw new CliError(`${files} has no current-context. Choose one with --context (${listed(config.contexts)}).`);
	const context = config.contexts.get(name);
	if (!context) throw new CliError(`There is no context "${name}" in ${files}. There is ${listed(config.contexts)}.`);
	const source = `context "${name}" of ${files}`;
	const server = flagged.server ?? config.clusters.get(context.cluster ?? "")?.server?.replace(/\/+$/, "");
	if (!server) throw new CliError(`The cluster "${context.cluster ?? ""}" of ${source} has no server. Give it one, or use --server URL.`);
	const user = config.users.get(context.user ?? "");
	const token = flagged.token ?? user?.token ?? (user?.tokenFile ? await readToken(user.tokenFile, source) : undefined);
	if (token === undefined)
		throw new CliError(
			`The user "${context.user ?? ""}" of ${source} has no token. klaw signs in with a bearer token: give it a token or a tokenFile.`,
		);
	return { server, token, namespace: options.namespace ?? context.namespace ?? "default", source };
}

async function load(options: ConnectionOptions, io: Pick<Io, "env" | "cwd" | "home">): Promise<Merged> {
	if (options.kubeconfig !== undefined) {
		const merged = await merge([resolve(io.cwd, options.kubeconfig)]);
		if (merged.files.length > 0) return merged;
		throw new CliError(`The file ${options.kubeconfig} of --kubeconfig does not exist. Name another one, or start klaw with: npm start`);
	}
	const paths = (io.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
	if (paths.length > 0) {
		const merged = await merge(paths.map((path) => resolve(io.cwd, path)));
		if (merged.files.length > 0) return merged;
		throw new CliError(`KUBECONFIG names ${paths.join(", ")}, and no such file exists. Correct it, or unset it to use .klaw/kubeconfig.`);
	}
	for (const path of [join(io.cwd, ".klaw", "kubeconfig"), join(io.home, ".kube", "config")]) {
		const merged = await merge([path]);
		if (merged.files.length > 0) return merged;
	}
	throw new CliError(
		"No kubeconfig was found: not by --kubeconfig, not by KUBECONFIG, not as .klaw/kubeconfig in this directory, not as ~/.kube/config. " +
			"Start klaw with `npm start` (or `klaw up`), or run this in the directory where it was started.",
	);
}

/** Reads those files that exist. The first file to name a cluster, user, context or current context decides it. */
async function merge(paths: readonly string[]): Promise<Merged> {
	const merged: Merged = { files: [], currentContext: undefined, clusters: new Map(), users: new Map(), contexts: new Map() };
	for (const path of paths) {
		const text = await readIfThere(path);
		if (text === undefined) continue;
		merged.files.push(path);
		const config = read(text, path);
		merged.currentContext ??= config["current-context"] || undefined;
		for (const { name, cluster } of config.clusters ?? []) if (!merged.clusters.has(name)) merged.clusters.set(name, cluster);
		for (const { name, context } of config.contexts ?? []) if (!merged.contexts.has(name)) merged.contexts.set(name, context);
		for (const { name, user } of config.users ?? []) {
			if (merged.users.has(name)) continue;
			// As in kubectl, a relative path is relative to the file that names it.
			merged.users.set(name, { ...user, tokenFile: user.tokenFile ? resolve(dirname(path), user.tokenFile) : undefined });
		}
	}
	return merged;
}

function read(text: string, path: string): z.infer<typeof kubeconfigSchema> {
	let document: unknown;
	try {
		document = parse(text) ?? {};
	} catch (error) {
		throw new CliError(`${path} is not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
	}
	const config = kubeconfigSchema.safeParse(document);
	if (!config.success) throw new CliError(`${path} is not a kubeconfig:\n${z.prettifyError(config.error)}`);
	return config.data;
}

async function readIfThere(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
		throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
}

async function readToken(path: string, source: string): Promise<string> {
	const text = await readIfThere(path);
	if (text === undefined) throw new CliError(`The tokenFile ${path} of ${source} does not exist.`);
	return text.trim();
}

function listed(contexts: ReadonlyMap<string, unknown>): string {
	return contexts.size === 0 ? "none" : [...contexts.keys()].join(", ");
}
