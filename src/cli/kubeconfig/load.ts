import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { CliError } from "../errors.ts";
import { type Kubeconfig, type KubeconfigCluster, type KubeconfigContext, type KubeconfigUser, kubeconfigSchema } from "./schema.ts";

/** Several files as one, by name. Paths in it are absolute. */
export interface MergedKubeconfig {
	/** Those that exist. */
	files: string[];
	currentContext: string | undefined;
	clusters: Map<string, KubeconfigCluster>;
	users: Map<string, KubeconfigUser>;
	contexts: Map<string, KubeconfigContext>;
}

/** Reads those files that exist. The first file to name a cluster, user, context or current context decides it. */
export async function loadKubeconfig(paths: readonly string[]): Promise<MergedKubeconfig> {
	const merged: MergedKubeconfig = { files: [], currentContext: undefined, clusters: new Map(), users: new Map(), contexts: new Map() };
	for (const path of paths) {
		const text = await readIfThere(path);
		if (text === undefined) continue;
		merged.files.push(path);
		const config = parseKubeconfig(text, path);
		merged.currentContext ??= config["current-context"] || undefined;
		// As in kubectl, a relative path is relative to the file that names it.
		const absolute = (file: string | null | undefined) => (file ? resolve(dirname(path), file) : undefined);
		for (const { name, context } of config.contexts ?? []) keepFirst(merged.contexts, name, context);
		for (const { name, cluster } of config.clusters ?? [])
			keepFirst(merged.clusters, name, { ...cluster, "certificate-authority": absolute(cluster["certificate-authority"]) });
		for (const { name, user } of config.users ?? [])
			keepFirst(merged.users, name, {
				...user,
				tokenFile: absolute(user.tokenFile),
				"client-certificate": absolute(user["client-certificate"]),
				"client-key": absolute(user["client-key"]),
				exec: user.exec && {
					...user.exec,
					command: user.exec.command.includes("/") ? resolve(dirname(path), user.exec.command) : user.exec.command,
				},
			});
	}
	return merged;
}

function keepFirst<T>(map: Map<string, T>, name: string, value: T): void {
	if (!map.has(name)) map.set(name, value);
}

/** @throws CliError that names the file */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
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

/** The text of a file; nothing when there is no such file. @throws CliError when it cannot be read */
export async function readIfThere(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
		throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
}
