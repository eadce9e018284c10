import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import { type ApiResource, apiVersionOf } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { CliError, PlainError } from "../errors.ts";
import { explain, explainHead } from "../explain/explanation.ts";
import { type Schema, Schemas } from "../explain/schema.ts";
import { ResourceMapper } from "../resource-mapper.ts";

interface Options {
	recursive?: boolean;
	apiVersion?: string;
	output: string;
}

export function addExplain(program: Command, cli: Cli): void {
	program
		.command("explain")
		.description("show what the fields of a type mean, for example: explain agent.spec.model")
		.argument("[words...]", "TYPE, or TYPE.FIELD.FIELD…")
		.option("--recursive", "the names of all fields, at every depth")
		.option("--api-version <version>", "group/version, where a type has several")
		.option("-o, --output <format>", "plaintext", "plaintext")
		.action(async (words: string[], options: Options, command: Command) => {
			const [path] = words;
			if (path === undefined)
				throw new CliError(
					'You must specify the type of resource to explain. Use "klaw api-resources" for a complete list of supported resources.',
				);
			if (words.length > 1) throw new CliError("We accept only this format: explain RESOURCE");
			if (options.output !== "plaintext") throw new CliError(`unrecognized format: ${options.output}`);
			const { client } = await connect(command, cli.io);
			const { resource, fields } = find(await ResourceMapper.of(client), path, options.apiVersion);
			const schemas = await readSchemas(client, resource);
			cli.io.stdout.write(explainHead(resource));
			const { group, version, kind } = resource;
			let schema: Schema | undefined = schemas.ofKind(resource);
			if (!schema) throw new CliError(`GVK map[group:${group} kind:${kind} version:${version}] not found in OpenAPI schema`);
			for (const field of fields) {
				schema = schemas.field(schema, field);
				if (!schema) throw new CliError(`field "${field}" does not exist`);
			}
			cli.io.stdout.write(explain(schemas, schema, { field: fields.at(-1), recursive: options.recursive ?? false }));
		});
}

/** Where the type ends and the fields begin: a type may have dots, as in `agents.klaw.sh.spec`. */
function find(mapper: ResourceMapper, path: string, apiVersion: string | undefined): { resource: ApiResource; fields: string[] } {
	const parts = path.split(".");
	const [type = ""] = parts;
	const grouped = mapper.resources.find(
		(resource) => `${path}.`.startsWith(`${resource.plural}.${resource.group}.`) && resource.group !== "",
	);
	const known = grouped ?? mapper.tryFind(type);
	if (!known) throw new PlainError(`the server doesn't have a resource type "${type}"`);
	const fields = grouped ? path.slice(`${grouped.plural}.${grouped.group}.`.length).split(".") : parts.slice(1);
	const resource =
		apiVersion === undefined ? known : mapper.resources.find((one) => one.plural === known.plural && apiVersionOf(one) === apiVersion);
	if (!resource) throw new CliError(`couldn't find resource for "${apiVersion}, Resource=${known.plural}"`);
	return { resource, fields: fields.filter((field) => field !== "") };
}

async function readSchemas(client: ApiClient, resource: ApiResource): Promise<Schemas> {
	const root = resource.group === "" ? "api" : "apis";
	return new Schemas(await client.json(`/openapi/v3/${root}/${apiVersionOf(resource)}`));
}
