import type { Command } from "commander";
import { apiVersionOf } from "../../api-resource.ts";
import { type Cli, connect, globalOptions } from "../../cli.ts";
import { ApiError, CliError } from "../../errors.ts";
import type { ManifestObject } from "../../manifests.ts";
import { withLastApplied } from "../../write/last-applied.ts";
import { ResourceClient } from "../../write/resource-client.ts";
import { addWriteOptions, printResult, queryOf, type WriteOptions } from "../../write/write-options.ts";

/** The kinds for which there is a `create` command of their own. */
export interface GeneratedKind {
	group: string;
	version: string;
	kind: string;
	plural: string;
	namespaced: boolean;
}

/** What every generator's options have. */
export interface GeneratorFlags extends WriteOptions {
	saveConfig?: boolean;
}

/** A `create` command: options in, an object out. */
export interface Generator<Flags extends GeneratorFlags> {
	name: string;
	aliases?: readonly string[];
	description: string;
	kind: GeneratedKind;
	/** Adds the command's own options. */
	options?(command: Command): void;
	/** What beside apiVersion, kind and metadata the object has. @throws CliError in kubectl's words */
	object(flags: Flags, context: { cli: Cli; name: string; command: Command }): Promise<Record<string, unknown>> | Record<string, unknown>;
	/** What kubectl says before the server's refusal; absent: the refusal as it is. */
	refused?: string;
	/** After it was created for real. */
	created?(name: string, context: { cli: Cli; command: Command }): Promise<void>;
}

/** Adds the command of a generator to `create`. */
export function addGenerator<Flags extends GeneratorFlags>(create: Command, cli: Cli, generator: Generator<Flags>): void {
	const { kind } = generator;
	const command = create
		.command(generator.name)
		.aliases(generator.aliases ?? [])
		.description(generator.description)
		.argument("[names...]", "NAME")
		.option("--save-config", "note the object for a later apply");
	generator.options?.(command);
	addWriteOptions(command, "klaw-create", { validate: true }).action(async (names: string[], flags: Flags) => {
		const [name] = names;
		if (name === undefined || names.length > 1)
			throw new CliError(`exactly one NAME is required, got ${names.length}\nSee 'klaw create ${generator.name} -h' for help and examples`);
		const content = await generator.object(flags, { cli, name, command });
		const namespace = globalOptions(command).namespace;
		const bare: ManifestObject = {
			apiVersion: apiVersionOf(kind),
			kind: kind.kind,
			metadata: { name, ...(kind.namespaced && namespace !== undefined && { namespace }) },
			...content,
		};
		const object = flags.saveConfig ? withLastApplied(bare) : bare;
		if (flags.dryRun === "client") return printResult(cli, asKubectlPrints(object), "created", flags);
		const { client, namespace: chosen } = await connect(command, cli.io);
		const resource = { ...kind, singular: kind.kind.toLowerCase(), shortNames: [], categories: [], verbs: [] };
		const created = await new ResourceClient(client).create(resource, chosen, object, queryOf(flags)).catch((error: unknown) => {
			if (!(error instanceof ApiError) || generator.refused === undefined) throw error;
			throw new CliError(`${generator.refused} ${error.status.message}`);
		});
		// Whatever else follows is said before the line that scripts read.
		if (flags.dryRun === "none") await generator.created?.(name, { cli, command });
		printResult(cli, created, "created", flags);
	});
}

/** Kubernetes' own types write a time that is not set as null. */
function asKubectlPrints(object: ManifestObject): ManifestObject {
	return { ...object, metadata: { ...object.metadata, creationTimestamp: null } };
}
