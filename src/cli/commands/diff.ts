import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { apiVersionOf } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import { CliError, sentence } from "../errors.ts";
import type { Io } from "../io.ts";
import { readManifests } from "../manifests.ts";
import { formatYaml } from "../output/yaml.ts";
import { previewObject } from "../write/apply-object.ts";
import { isMap } from "../write/merge-patch.ts";
import { openCluster } from "../write/open-cluster.ts";
import { type ManifestTarget, placeManifest, requireName } from "../write/targets.ts";
import { addFileOptions } from "../write/write-options.ts";

interface DiffFlags {
	filename?: string[];
	recursive?: boolean;
	serverSide?: boolean;
	forceConflicts?: boolean;
	fieldManager?: string;
	showManagedFields?: boolean;
}

export function addDiff(program: Command, cli: Cli): void {
	const command = program
		.command("diff")
		.description("show what apply would change; exit code 1 when there is something, above 1 when it failed")
		.option("--server-side", "as apply --server-side would")
		.option("--force-conflicts", "with --server-side: take fields from other managers")
		.option("--field-manager <name>", "who the server is told sets the fields")
		.option("--show-managed-fields", "also the books on who set which field");
	addFileOptions(command, "what to compare").action(async (flags: DiffFlags) => {
		try {
			cli.exitCode = await diff(flags, command, cli);
		} catch (error) {
			if (!(error instanceof CliError)) throw error;
			// 1 means that there are differences.
			cli.io.stderr.write(`${sentence(error)}\n`);
			cli.exitCode = 2;
		}
	});
}

async function diff(flags: DiffFlags, command: Command, cli: Cli): Promise<number> {
	if (flags.filename === undefined) throw new CliError("must specify one of -f and -k");
	if (flags.forceConflicts && !flags.serverSide) throw new CliError("--force-conflicts only works with --server-side");
	const manifests = await readManifests(flags.filename, cli.io, flags);
	const { requests, mapper, choice } = await openCluster(command, cli);
	const dir = await mkdtemp(join(tmpdir(), "klaw-diff-"));
	try {
		const [before, after] = [join(dir, "LIVE"), join(dir, "MERGED")];
		for (const side of [before, after]) await mkdir(side);
		for (const manifest of manifests) {
			const target = placeManifest(manifest, mapper, choice);
			requireName(target);
			const serverSide = flags.serverSide ?? false;
			const manager = flags.fieldManager ?? (serverSide ? "klaw" : "klaw-client-side-apply");
			const { live, merged } = await previewObject(requests, target, { serverSide, force: flags.forceConflicts, fieldManager: manager });
			const [old, next] = maskSecrets(target, live, merged);
			if (old) await writeFile(join(before, fileName(target)), formatYaml(shown(old, flags)));
			await writeFile(join(after, fileName(target)), formatYaml(shown(next, flags)));
		}
		return await compare(before, after, cli.io);
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
}

/** Runs the user's program for it, or diff. @returns its exit code */
async function compare(before: string, after: string, io: Io): Promise<number> {
	const external = (io.env.KLAW_EXTERNAL_DIFF ?? io.env.KUBECTL_EXTERNAL_DIFF ?? "").split(" ").filter((word) => word !== "");
	const [program = "diff", ...args] = external.length > 0 ? external : ["diff", "-u", "-N"];
	const code = await new Promise<number>((resolve, reject) => {
		const child = spawn(program, [...args, before, after], { env: io.env, stdio: ["ignore", "pipe", "pipe"] });
		child.stdout.setEncoding("utf8").on("data", (text: string) => io.stdout.write(text));
		child.stderr.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
		child.on("error", (error) => reject(new CliError(`failed to run "${program}": ${error.message}`)));
		child.on("close", (status) => resolve(status ?? 2));
	});
	if (code > 1) throw new CliError(`${program} ended with exit code ${code}`);
	return code;
}

function shown(object: Record<string, unknown>, { showManagedFields = false }: DiffFlags): Record<string, unknown> {
	if (showManagedFields || !isMap(object.metadata)) return object;
	const { managedFields: _, ...metadata } = object.metadata;
	return { ...object, metadata };
}

type Sides = [Record<string, unknown> | undefined, Record<string, unknown>];

/** The values of secrets are never shown, only that they differ. */
function maskSecrets({ resource }: ManifestTarget, live: Record<string, unknown> | undefined, merged: Record<string, unknown>): Sides {
	if (resource.group !== "" || resource.kind !== "Secret") return [live, merged];
	const [old, next] = [isMap(live?.data) ? live.data : {}, isMap(merged.data) ? merged.data : {}];
	const mask = (data: Record<string, unknown>, other: Record<string, unknown>, word: string) =>
		Object.fromEntries(Object.entries(data).map(([key, value]) => [key, key in other && other[key] !== value ? `*** (${word})` : "***"]));
	return [
		live && { ...live, ...(live.data !== undefined && { data: mask(old, next, "before") }) },
		{ ...merged, ...(merged.data !== undefined && { data: mask(next, old, "after") }) },
	];
}

function fileName({ resource, namespace, name }: ManifestTarget): string {
	return [...apiVersionOf(resource).split("/"), resource.kind, namespace ?? "", name].filter((part, i) => part !== "" || i === 3).join(".");
}
