import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import type { ApiResource } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import type { DescribeContext } from "../describe/describer.ts";
import { describerOf } from "../describe/describers.ts";
import type { EventObject } from "../describe/event.ts";
import { ApiError, CliError } from "../errors.ts";
import type { KubeObject } from "../objects.ts";
import { findTargets, type Target } from "../read/find-targets.ts";
import { getObject, listObjects } from "../read/list.ts";
import { Failures } from "../write/failures.ts";

interface Options {
	allNamespaces?: boolean;
	selector?: string;
	filename?: string[];
	showEvents: boolean;
	chunkSize?: number;
}

export function addDescribe(program: Command, cli: Cli): void {
	program
		.command("describe")
		.description("show every field of objects, and what happened to them")
		.argument("[words...]", "a type and names, or the beginning of one; TYPE/NAME; without names: all of the type")
		.option("-A, --all-namespaces", "of all namespaces")
		.option("-l, --selector <labels>", "only objects with these labels")
		.option("-f, --filename <file>", "what these files name", (text: string, before: string[] | undefined) => [
			...(before ?? []),
			...text.split(","),
		])
		.option("--show-events", "also the events about each object", true)
		.option("--no-show-events", "leave the events out")
		.action(async (words: string[], options: Options, command: Command) => {
			if (words.length === 0 && !options.filename)
				throw new CliError(
					'You must specify the type of resource to describe. Use "klaw api-resources" for a complete list of supported resources.',
				);
			const { client, namespace } = await connect(command, cli.io);
			const targets = await findTargets(client, cli.io, words, { ...options, namespace });
			const failures = new Failures();
			const found: Found[] = [];
			for (const target of targets) await failures.attempt(async () => void found.push(...(await find(client, target, options.selector))));
			const texts: string[] = [];
			for (const { resource, object } of found)
				await failures.attempt(async () => void texts.push(await describe(client, resource, object, options.showEvents)));
			// Objects that were found by the beginning of their name stand closer, as kubectl has them.
			if (found.some(({ byPrefix }) => byPrefix)) for (const text of texts) cli.io.stdout.write(`${text}\n`);
			else cli.io.stdout.write(texts.join("\n\n"));
			failures.report(cli);
			if (found.length > 0 || failures.any) return;
			const namespaced = !options.allNamespaces && targets.every(({ resource }) => resource.namespaced);
			cli.io.stderr.write(namespaced ? `No resources found in ${namespace} namespace.\n` : "No resources found\n");
		});
}

interface Found {
	resource: ApiResource;
	object: KubeObject;
	/** The name that was given is only the beginning of the object's. */
	byPrefix: boolean;
}

/** A name that no object has may be the beginning of some. */
async function find(client: ApiClient, { resource, namespace, name }: Target, labelSelector: string | undefined): Promise<Found[]> {
	if (name === undefined) {
		const { items } = await listObjects(client, resource, namespace, { labelSelector });
		return items.map((object) => ({ resource, object, byPrefix: false }));
	}
	try {
		return [{ resource, object: await getObject(client, resource, namespace, name), byPrefix: false }];
	} catch (error) {
		if (!(error instanceof ApiError) || error.code !== 404) throw error;
		const { items } = await listObjects(client, resource, namespace);
		const named = items.filter((object) => object.metadata.name.startsWith(name));
		if (named.length === 0) throw error;
		return named.map((object) => ({ resource, object, byPrefix: true }));
	}
}

async function describe(client: ApiClient, resource: ApiResource, object: KubeObject, showEvents: boolean): Promise<string> {
	const context: DescribeContext = {
		events: showEvents ? await eventsAbout(client, resource, object) : undefined,
		now: Date.now(),
		list: (plural, { group = "", namespace, fieldSelector }) =>
			readable(listObjects(client, { ...core(plural), group }, namespace, { fieldSelector })),
	};
	return await describerOf(resource)(object, context);
}

/**
 * Those of a Pod are found without its kind, as kubectl does: they name the Session that it stands for. Those of a Node may
 * have its name for a UID, as a kubelet's do, and those from before a container's machine had a UID.
 */
async function eventsAbout(client: ApiClient, { group, plural }: ApiResource, object: KubeObject): Promise<EventObject[]> {
	const { name, namespace, uid } = object.metadata;
	const kind = group === "" && plural === "pods" ? undefined : object.kind;
	const uids = group === "" && plural === "nodes" ? [...new Set([uid, name])] : [uid];
	const found = await Promise.all(
		uids.map((uid) => {
			const fieldSelector = Object.entries({ name, namespace, kind, uid })
				.flatMap(([field, value]) => (value ? [`involvedObject.${field}=${value}`] : []))
				.join(",");
			return readable(listObjects(client, core("events"), namespace, { fieldSelector }));
		}),
	);
	return found.flat();
}

/** Whoever may see an object need not see what belongs to it. */
async function readable(list: Promise<{ items: KubeObject[] }>): Promise<KubeObject[]> {
	try {
		return (await list).items;
	} catch (error) {
		if (error instanceof ApiError && (error.code === 403 || error.code === 404)) return [];
		throw error;
	}
}

function core(plural: string): ApiResource {
	return { group: "", version: "v1", kind: "", plural, singular: "", shortNames: [], categories: [], namespaced: true, verbs: [] };
}
