import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { CliError } from "./errors.ts";
import type { Io } from "./io.ts";

const textMap = z.record(z.string(), z.string()).nullish();
const manifestSchema = z.looseObject({
	apiVersion: z.string("is missing"),
	kind: z.string("is missing"),
	metadata: z.looseObject(
		{
			name: z.string().optional(),
			generateName: z.string().optional(),
			namespace: z.string().nullish(),
			labels: textMap,
			annotations: textMap,
		},
		"is missing",
	),
});
const listSchema = z.looseObject({ kind: z.string().endsWith("List"), items: z.array(z.unknown()) });

/** An object as a user wrote it: only its frame is known here, the rest is the server's to judge. */
export type ManifestObject = z.infer<typeof manifestSchema>;

export interface Manifest {
	object: ManifestObject;
	/** The file, URL or `STDIN`, as kubectl names it in errors. */
	source: string;
	/** The same with the number of the document, where there are several. */
	where: string;
}

/** A response larger than this is no manifest. */
const LARGEST_BYTES = 64 << 20;

/**
 * The objects of files, directories (their .yaml, .yml and .json files, in order), http(s) URLs and `-`, standard input.
 * A file may hold several YAML documents, JSON, and lists.
 *
 * @param recursive also the directories in directories
 * @throws CliError that names the file and the document.
 */
export async function readManifests(
	paths: readonly string[],
	io: Pick<Io, "cwd" | "stdin">,
	{ recursive = false }: { recursive?: boolean } = {},
): Promise<Manifest[]> {
	const manifests: Manifest[] = [];
	for (const path of paths) {
		if (path === "-") manifests.push(...parseManifests(await readAll(io.stdin), "STDIN"));
		else if (/^https?:\/\//.test(path)) manifests.push(...parseManifests(await download(path), path));
		else
			for (const file of await filesOf(path, io.cwd, recursive))
				manifests.push(...parseManifests(await readFile(file.path, "utf8"), file.shown));
	}
	if (manifests.length === 0) throw new CliError("no objects passed to this command");
	return manifests;
}

/** @throws CliError that names `source` and the document. */
export function parseManifests(text: string, source: string): Manifest[] {
	const documents = parseAllDocuments(text, { uniqueKeys: true });
	return [...documents].flatMap((document, index) => {
		const where = documents.length > 1 ? `${source}, document ${index + 1}` : source;
		const [error] = document.errors;
		if (error) throw new CliError(`${where} is not valid YAML: ${error.message}`);
		return objectsOf(toValue(document, where), where).map((object) => ({ object, source, where }));
	});
}

/** Aliases are expanded up to a hundredfold, so that a small file cannot become a huge object. */
function toValue(document: { toJS(): unknown }, where: string): unknown {
	try {
		return document.toJS();
	} catch (error) {
		throw new CliError(`${where} is not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function objectsOf(value: unknown, where: string): ManifestObject[] {
	if (value === null || value === undefined) return [];
	const list = listSchema.safeParse(value);
	if (list.success) return list.data.items.flatMap((item, index) => objectsOf(item, `${where}, item ${index + 1}`));
	const parsed = manifestSchema.safeParse(value);
	if (parsed.success) return [parsed.data];
	const [issue] = parsed.error.issues;
	throw new CliError(`${where} is not an object of Kubernetes' form: ${issue?.path.join(".") || "it"} ${issue?.message}.`);
}

interface ManifestFile {
	path: string;
	/** As the user would name it. */
	shown: string;
}

async function filesOf(path: string, cwd: string, recursive: boolean): Promise<ManifestFile[]> {
	const whole = resolve(cwd, path);
	try {
		if (!(await stat(whole)).isDirectory()) return [{ path: whole, shown: path }];
	} catch {
		throw new CliError(`the path "${path}" does not exist`);
	}
	const entries = (await readdir(whole, { recursive, withFileTypes: true })).filter((entry) => /\.(ya?ml|json)$/.test(entry.name));
	const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(whole.length + 1));
	return names.sort().map((name) => ({ path: join(whole, name), shown: join(path, name) }));
}

async function download(url: string): Promise<string> {
	let why: string;
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
		if (!response.ok)
			throw new CliError(
				`unable to read URL "${url}", server reported ${response.status} ${response.statusText}, status code=${response.status}`,
			);
		if (Number(response.headers.get("Content-Length") ?? 0) > LARGEST_BYTES)
			throw new CliError(`What ${url} answers is larger than ${LARGEST_BYTES >> 20} MiB: that is no manifest.`);
		return await response.text();
	} catch (error) {
		if (error instanceof CliError) throw error;
		why = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
	}
	throw new CliError(`${url} could not be read: ${why}`);
}
