import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { CliError } from "./errors.ts";
import type { Io } from "./io.ts";
import type { KubeObject } from "./objects.ts";

const manifestSchema = z.looseObject({
	apiVersion: z.string("is missing"),
	kind: z.string("is missing"),
	metadata: z.looseObject({ name: z.string("is missing"), namespace: z.string().optional() }, "is missing"),
});
const listSchema = z.looseObject({ kind: z.string().endsWith("List"), items: z.array(z.unknown()) });

/**
 * The objects of files, directories (their .yaml, .yml and .json files, in order) and `-`, standard input. A file may
 * hold several YAML documents, JSON, and lists.
 *
 * @throws CliError that names the file and the document.
 */
export async function readManifests(paths: readonly string[], io: Pick<Io, "cwd" | "stdin">): Promise<KubeObject[]> {
	const objects: KubeObject[] = [];
	for (const path of paths) {
		if (path === "-") objects.push(...parseManifests(await readAll(io.stdin), "standard input"));
		else for (const file of await filesOf(path, io.cwd)) objects.push(...parseManifests(await readFile(file, "utf8"), file));
	}
	if (objects.length === 0) throw new CliError(`There are no objects in ${paths.join(", ")}.`);
	return objects;
}

/** @throws CliError that names `source` and the document. */
export function parseManifests(text: string, source: string): KubeObject[] {
	const documents = parseAllDocuments(text);
	return [...documents].flatMap((document, index) => {
		const where = documents.length > 1 ? `${source}, document ${index + 1}` : source;
		const [error] = document.errors;
		if (error) throw new CliError(`${where} is not valid YAML: ${error.message}`);
		return objectsOf(document.toJS(), where);
	});
}

function objectsOf(value: unknown, where: string): KubeObject[] {
	if (value === null || value === undefined) return [];
	const list = listSchema.safeParse(value);
	if (list.success) return list.data.items.flatMap((item, index) => objectsOf(item, `${where}, item ${index + 1}`));
	const parsed = manifestSchema.safeParse(value);
	if (parsed.success) return [parsed.data];
	const [issue] = parsed.error.issues;
	throw new CliError(`${where} is not an object of Kubernetes' form: ${issue?.path.join(".") || "it"} ${issue?.message}.`);
}

async function filesOf(path: string, cwd: string): Promise<string[]> {
	const whole = resolve(cwd, path);
	try {
		if (!(await stat(whole)).isDirectory()) return [whole];
	} catch {
		throw new CliError(`The file ${path} does not exist.`);
	}
	const names = (await readdir(whole)).filter((name) => /\.(ya?ml|json)$/.test(name));
	return names.sort().map((name) => join(whole, name));
}
