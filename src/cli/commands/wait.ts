import type { Command } from "commander";
import { parseDuration } from "../../resources/quantity.ts";
import type { ApiClient } from "../api-client.ts";
import { objectName } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { KubeObject } from "../objects.ts";
import { type Format, formatObject, readObjectFormat, withoutManagedFields } from "../output/format.ts";
import { findTargets, type Target } from "../read/find-targets.ts";
import { listObjects } from "../read/list.ts";
import { parseCondition } from "../wait/condition.ts";
import { waitFor } from "../wait/wait-for.ts";
import { Failures } from "../write/failures.ts";

interface Options {
	for: string;
	timeout: string;
	all?: boolean;
	allNamespaces?: boolean;
	selector?: string;
	fieldSelector?: string;
	filename?: string[];
	output?: string;
}

/** What a negative timeout means. */
const WEEK_MS = 7 * 24 * 3600 * 1000;

const NO_RESOURCES = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

export function addWait(program: Command, cli: Cli): void {
	program
		.command("wait")
		.description("wait until objects are as they should be")
		.argument("[words...]", "a type and names, or TYPE/NAME")
		.option("--for <condition>", "condition=NAME[=VALUE], jsonpath='{PATH}'[=VALUE], create or delete", "")
		.option("--timeout <duration>", "how long at most; 0: look once; less: a week", "30s")
		.option("--all", "all objects of the type")
		.option("-A, --all-namespaces", "of all namespaces")
		.option("-l, --selector <labels>", "all objects with these labels")
		.option("--field-selector <fields>", "all objects with these fields")
		.option("-f, --filename <file>", "what these files name", (text: string, before: string[] | undefined) => [
			...(before ?? []),
			...text.split(","),
		])
		.option("-o, --output <format>", "show each object")
		.action(async (words: string[], options: Options, command: Command) => {
			const timeout = timeoutMs(options.timeout);
			const condition = parseCondition(options.for);
			const format = options.output === undefined ? undefined : readObjectFormat(options.output, cli.io.cwd);
			const selects = Boolean(options.all) || Boolean(options.selector) || Boolean(options.fieldSelector);
			if (words.length === 0 && !options.filename) throw new CliError(NO_RESOURCES);
			if (words.length === 1 && !words[0]?.includes("/") && !selects)
				throw new CliError("resource(s) were provided, but no name was specified");
			const { client, namespace } = await connect(command, cli.io);
			// `--all` selects, too: there can be no names beside it.
			const found = await findTargets(client, cli.io, words, { ...options, namespace, selects });
			const targets = await named(client, found, options);
			if (targets.length === 0 && condition.absent !== "met") throw new CliError("no matching resources found");
			const failures = new Failures();
			const wait = { deadline: AbortSignal.timeout(Math.max(timeout, 1)), once: timeout === 0 };
			for (const target of targets)
				await failures.attempt(async () => {
					const object = await waitFor(client, target, condition, wait);
					if (object) cli.io.stdout.write(met(object, format));
				});
			failures.report(cli);
		});
}

/** The objects that there are now, where no names were given. */
async function named(
	client: ApiClient,
	targets: readonly Target[],
	{ selector, fieldSelector }: Options,
): Promise<(Target & { name: string })[]> {
	const lists = await Promise.all(
		targets.map(async ({ resource, namespace, name }) => {
			if (name !== undefined) return [{ resource, namespace, name }];
			const { items } = await listObjects(client, resource, namespace, { labelSelector: selector, fieldSelector });
			return items.map(({ metadata }) => ({ resource, namespace: metadata.namespace, name: metadata.name }));
		}),
	);
	return lists.flat();
}

function met(object: KubeObject, format: Format | undefined): string {
	return format ? formatObject(withoutManagedFields(object), format) : `${objectName(object)} condition met\n`;
}

function timeoutMs(text: string): number {
	if (text === "0") return 0;
	try {
		return text.startsWith("-") ? WEEK_MS : parseDuration(text);
	} catch {
		throw new CliError(`invalid argument "${text}" for "--timeout" flag: time: invalid duration "${text}"`);
	}
}
