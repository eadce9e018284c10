import { chmod, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from "yaml";
import { CliError } from "../errors.ts";
import { loadKubeconfig, parseKubeconfig, readIfThere } from "./load.ts";
import type { KubeconfigPaths } from "./paths.ts";

type List = "clusters" | "users" | "contexts";
const INNER = { clusters: "cluster", users: "user", contexts: "context" } as const;

/** A change of one entry of a kubeconfig; it is made when it is not there. */
export interface KubeconfigEdit {
	list: List;
	name: string;
	/** Fields to set; `undefined` takes a field away. */
	set: Readonly<Record<string, unknown>>;
	/** A new entry begins as a copy of this one of the same list. */
	copyOf?: string | undefined;
}

/**
 * Changes entries, each in the file that has it, and a new one in the first file that exists, as kubectl does. Comments,
 * unknown fields and the files' modes stay.
 */
export async function editKubeconfig(paths: KubeconfigPaths, edits: readonly KubeconfigEdit[]): Promise<void> {
	for (const edit of edits) {
		const copied = edit.copyOf === undefined ? undefined : (await loadKubeconfig(paths.files))[edit.list].get(edit.copyOf);
		const path = (await fileWith(paths, edit.list, edit.name)) ?? (await fileForNew(paths));
		await rewrite(path, (document) => {
			const known = entryOf(document, edit.list, edit.name);
			const entry = known ?? addEntry(document, edit.list, edit.name, definedOnly(copied ?? {}));
			for (const [field, value] of Object.entries(edit.set)) {
				const at = [INNER[edit.list], field];
				if (value === undefined) entry.deleteIn(at);
				else entry.setIn(at, document.createNode(value));
			}
		});
	}
}

/** Takes an entry away. @returns the file that had it; `undefined` when none has */
export async function removeEntry(paths: KubeconfigPaths, list: List, name: string): Promise<string | undefined> {
	const path = await fileWith(paths, list, name);
	if (path === undefined) return undefined;
	await rewrite(path, (document) => {
		const entries = document.get(list);
		if (isSeq(entries)) entries.items = entries.items.filter((item) => !(isMap(item) && item.get("name") === name));
	});
	return path;
}

/** Gives a context another name, where it is defined and where it is the current one. */
export async function renameContext(paths: KubeconfigPaths, from: string, to: string): Promise<void> {
	const path = await fileWith(paths, "contexts", from);
	if (path === undefined) return;
	await rewrite(path, (document) => entryOf(document, "contexts", from)?.set("name", to));
	if ((await loadKubeconfig(paths.files)).currentContext === from) await setCurrentContext(paths, to);
}

/** Sets the current context in the file that says which it is, or else in the first that exists. */
export async function setCurrentContext(paths: KubeconfigPaths, name: string): Promise<void> {
	let path: string | undefined;
	for (const file of paths.files) {
		const text = await readIfThere(file);
		if (text !== undefined && parseKubeconfig(text, file)["current-context"]) {
			path = file;
			break;
		}
	}
	await rewrite(path ?? (await fileForNew(paths)), (document) => document.set("current-context", name));
}

async function fileWith(paths: KubeconfigPaths, list: List, name: string): Promise<string | undefined> {
	for (const path of paths.files) {
		const text = await readIfThere(path);
		if (text === undefined) continue;
		if ((parseKubeconfig(text, path)[list] ?? []).some((entry) => entry.name === name)) return path;
	}
	return undefined;
}

/** The first file that exists, or the last of the list when none does. */
async function fileForNew({ files }: KubeconfigPaths): Promise<string> {
	for (const path of files) if ((await readIfThere(path)) !== undefined) return path;
	const last = files.at(-1);
	if (last === undefined) throw new CliError("There is no kubeconfig to write to. Name one with --kubeconfig.");
	return last;
}

function entryOf(document: Document, list: List, name: string): YAMLMap | undefined {
	const entries = document.get(list);
	if (!isSeq(entries)) return undefined;
	return entries.items.find((item): item is YAMLMap => isMap(item) && item.get("name") === name);
}

function addEntry(document: Document, list: List, name: string, content: object): YAMLMap {
	if (!isSeq(document.get(list))) document.set(list, new YAMLSeq());
	document.addIn([list], document.createNode({ name, [INNER[list]]: content }));
	const entry = entryOf(document, list, name);
	if (!entry) throw new CliError(`The kubeconfig has ${list} in a form that klaw cannot add to.`);
	// An empty map is otherwise written in braces.
	const inner = entry.get(INNER[list]);
	if (isMap(inner)) inner.flow = false;
	return entry;
}

function definedOnly(value: object): object {
	return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

/** Writes a file whole or not at all. A new one can be read by its owner only, since it may hold tokens. */
async function rewrite(path: string, change: (document: Document) => unknown): Promise<void> {
	const text = await readIfThere(path);
	const document = parseDocument(text ?? "");
	if (document.errors.length > 0) throw new CliError(`${path} is not valid YAML: ${document.errors[0]?.message}`);
	if (document.contents === null) {
		document.set("apiVersion", "v1");
		document.set("kind", "Config");
	}
	change(document);
	const mode = text === undefined ? 0o600 : (await stat(path)).mode & 0o777;
	await mkdir(dirname(path), { recursive: true });
	const unfinished = `${path}.${process.pid}`;
	try {
		await writeFile(unfinished, document.toString({ lineWidth: 0, flowCollectionPadding: false }), { mode });
		await chmod(unfinished, mode);
		await rename(unfinished, path);
	} catch (error) {
		await rm(unfinished, { force: true });
		throw new CliError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
	}
}
