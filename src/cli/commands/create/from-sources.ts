import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { CliError } from "../../errors.ts";
import { repeated } from "../../write/write-options.ts";

/** Where the entries of a ConfigMap or Secret come from. */
export interface SourceFlags {
	fromLiteral?: string[];
	fromFile?: string[];
	fromEnvFile?: string[];
}

export function addSourceOptions(command: Command): void {
	command
		.addOption(new Option("--from-literal <key=value>", "an entry; may be repeated").argParser(repeated))
		.addOption(new Option("--from-file <[key=]path>", "a file, or every file of a directory; may be repeated").argParser(repeated))
		.addOption(new Option("--from-env-file <path>", "a file of KEY=VALUE lines; may be repeated").argParser(repeated));
}

const KEY = /^[-._a-zA-Z0-9]+$/;

/** The entries as bytes, in kubectl's order. @throws CliError in kubectl's words */
export async function readSources(
	flags: SourceFlags,
	io: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): Promise<Map<string, Buffer>> {
	if (flags.fromEnvFile?.length && (flags.fromFile?.length || flags.fromLiteral?.length))
		throw new CliError("from-env-file cannot be combined with from-file or from-literal");
	const entries = new Map<string, Buffer>();
	const add = (key: string, value: Buffer) => {
		if (!KEY.test(key) || key === "." || key.startsWith(".."))
			throw new CliError(
				`"${key}" is not a valid key name: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
			);
		if (entries.has(key)) throw new CliError(`cannot add key ${key}, another key by that name already exists`);
		entries.set(key, value);
	};
	for (const literal of flags.fromLiteral ?? []) {
		const equals = literal.indexOf("=");
		if (equals < 1) throw new CliError(`invalid literal source ${literal}, expected key=value`);
		add(literal.slice(0, equals), Buffer.from(literal.slice(equals + 1)));
	}
	for (const source of flags.fromFile ?? []) for (const [key, path] of await filesOf(source, io.cwd)) add(key, await read(path));
	for (const file of flags.fromEnvFile ?? [])
		for (const [key, value] of envLines(String(await read(resolve(io.cwd, file))), io.env)) add(key, Buffer.from(value));
	return entries;
}

/** `path` or `key=path`, where a directory is each of its files by name. */
async function filesOf(source: string, cwd: string): Promise<[key: string, path: string][]> {
	const parts = source.split("=");
	if (parts.length > 2) throw new CliError("key names or file paths cannot contain '='");
	const [key, path] = parts.length === 2 ? [parts[0], parts[1]] : [undefined, parts[0]];
	if (key === "") throw new CliError(`key name for file path ${path} missing`);
	if (!path) throw new CliError(`file path for key name ${key ?? ""} missing`);
	const whole = resolve(cwd, path);
	const info = await stat(whole).catch(() => undefined);
	if (!info) throw new CliError(`error reading ${path}: no such file or directory`);
	if (!info.isDirectory()) return [[key ?? basename(path), whole]];
	if (key !== undefined) throw new CliError("cannot give a key name for a directory path");
	const files = (await readdir(whole, { withFileTypes: true })).filter((entry) => entry.isFile() && KEY.test(entry.name));
	return files.map(({ name }): [string, string] => [name, join(whole, name)]).sort();
}

/** `KEY=VALUE` lines; a key alone takes its value from the environment. */
function* envLines(text: string, env: Readonly<Record<string, string | undefined>>): Generator<[key: string, value: string]> {
	for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
		const trimmed = line.trimStart();
		if (trimmed === "" || trimmed.startsWith("#")) continue;
		const equals = trimmed.indexOf("=");
		const key = equals === -1 ? trimmed : trimmed.slice(0, equals);
		if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key)) throw new CliError(`"${key}" is not a valid key name in a file of --from-env-file`);
		const value = equals === -1 ? env[key] : trimmed.slice(equals + 1);
		if (value !== undefined) yield [key, value];
	}
}

async function read(path: string): Promise<Buffer> {
	try {
		return await readFile(path);
	} catch (error) {
		throw new CliError(`error reading ${path}: ${error instanceof Error ? error.message : String(error)}`);
	}
}
