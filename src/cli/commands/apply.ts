import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import { type Cli, connect } from "../cli.ts";
import { ApiError, CliError, sentence } from "../errors.ts";
import { AGENT, findKindOf, type Kind, qualified, resourcePath } from "../kinds.ts";
import { readManifests } from "../manifests.ts";
import type { KubeObject } from "../objects.ts";

export type Applied = "created" | "configured" | "unchanged";

export function addApply(program: Command, cli: Cli): void {
	program
		.command("apply")
		.description("create or change objects as files describe them")
		.requiredOption("-f, --filename <file...>", "YAML or JSON file, directory, or - for standard input")
		.action(async (options: { filename: string[] }, command: Command) => {
			const objects = await readManifests(options.filename, cli.io);
			const { client, namespace } = await connect(command, cli.io);
			const explicit = command.optsWithGlobals<{ namespace?: string }>().namespace;
			// One object that is refused does not hold up the others.
			for (const object of objects) {
				try {
					const kind = findKindOf(object);
					const outcome = await apply(client, kind, namespaceOf(object, namespace, explicit), object);
					cli.io.stdout.write(`${qualified(kind)}/${object.metadata.name} ${outcome}\n`);
				} catch (error) {
					cli.io.stderr.write(`${sentence(error)}\n`);
					cli.exitCode = 1;
				}
			}
		});
}

/** The namespace that an object names, or the one that was chosen. @throws CliError when both are given and differ. */
export function namespaceOf(object: KubeObject, namespace: string, explicit: string | undefined): string {
	const own = object.metadata.namespace;
	if (own !== undefined && explicit !== undefined && own !== explicit)
		throw new CliError(
			`${object.kind} "${object.metadata.name}" is in namespace "${own}", but --namespace is "${explicit}". Leave one of the two out.`,
		);
	return own ?? namespace;
}

/** Makes the server's object what the manifest says. */
export async function apply(client: ApiClient, kind: Kind, namespace: string, object: KubeObject): Promise<Applied> {
	const path = resourcePath(kind, namespace, object.metadata.name);
	const body = kind.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
	const before = await find(client, path);
	if (kind === AGENT) {
		const after = await client.json<KubeObject>(path, { method: "PUT", body });
		if (!before) return "created";
		return isDeepStrictEqual(declared(before), declared(after)) ? "unchanged" : "configured";
	}
	if (!before) {
		await client.json<KubeObject>(resourcePath(kind, namespace), { method: "POST", body });
		return "created";
	}
	if (contains(before.spec, object.spec)) return "unchanged";
	throw new CliError(
		`${qualified(kind, "plural")} "${object.metadata.name}" exists, and its spec cannot be changed. Delete it first, or choose another name.`,
	);
}

async function find(client: ApiClient, path: string): Promise<KubeObject | undefined> {
	try {
		return await client.json<KubeObject>(path);
	} catch (error) {
		if (error instanceof ApiError && error.code === 404) return undefined;
		throw error;
	}
}

/** What a user decides of an object; the rest is the server's. */
function declared({ metadata, spec }: KubeObject): unknown {
	return { spec, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} };
}

/** The server may have filled in defaults that the manifest leaves out. */
function contains(whole: unknown, part: unknown): boolean {
	if (typeof part !== "object" || part === null || Array.isArray(part)) return part === undefined || isDeepStrictEqual(whole, part);
	if (typeof whole !== "object" || whole === null) return false;
	const values = new Map(Object.entries(whole));
	return Object.entries(part).every(([key, value]) => contains(values.get(key), value));
}
