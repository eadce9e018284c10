import type { Command } from "commander";
import type { Checkpoint } from "../../resources/virtual/checkpoint.ts";
import { resourcePath } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { sessionOf } from "../exec/session-of.ts";
import { SESSION } from "../kinds.ts";
import type { KubeList } from "../objects.ts";
import { OUTPUT_HELP, readFormat, writeObject } from "../output/format.ts";
import { formatTable, type Table } from "../output/table.ts";

/** What asks the server for a table. */
const AS_TABLE = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

interface ListFlags {
	output?: string;
	headers: boolean;
}

export function addCheckpoint(program: Command, cli: Cli): void {
	const checkpoint = program.command("checkpoint").description("what a session's workspace was, and the way back to it");
	checkpoint
		.command("list")
		.alias("ls")
		.description("the checkpoints that a session's workspace can go back to, oldest first")
		.argument("<session>", "its name, or session/NAME")
		.option("-o, --output <format>", OUTPUT_HELP)
		.option("--no-headers", "leave out the line of column names")
		.action(async (word: string, flags: ListFlags, command: Command) => list(cli, sessionOf(word), flags, command));
	checkpoint
		.command("restore")
		.description("make the workspace what it was; its files change when the next tool call or command begins")
		.argument("<session>", "its name, or session/NAME")
		.argument("<checkpoint>", "its name, or as much of it as no other begins with")
		.option("-o, --output <format>", "json, yaml or name")
		.action(async (word: string, name: string, flags: { output?: string }, command: Command) =>
			restore(cli, sessionOf(word), name, flags, command),
		);
}

async function list(cli: Cli, session: string, flags: ListFlags, command: Command): Promise<void> {
	const format = flags.output === undefined ? ({ type: "table" } as const) : readFormat(flags.output, cli.io.cwd);
	const { client, namespace } = await connect(command, cli.io);
	const path = `${resourcePath(SESSION, namespace, session)}/checkpoints`;
	if (format.type !== "table" && format.type !== "wide") return writeObject(cli.io.stdout, await client.json<KubeList>(path), format);
	const table = await client.json<Table>(path, { headers: AS_TABLE });
	if (table.rows.length > 0) cli.io.stdout.write(formatTable(table, { wide: format.type === "wide", headers: flags.headers }));
	else cli.io.stderr.write(`No checkpoints found of session ${session}: one is made after each tool call that changes a file.\n`);
}

async function restore(cli: Cli, session: string, name: string, flags: { output?: string }, command: Command): Promise<void> {
	const format = flags.output === undefined ? undefined : readFormat(flags.output, cli.io.cwd);
	const { client, namespace } = await connect(command, cli.io);
	const path = `${resourcePath(SESSION, namespace, session)}/restore`;
	const restored = await client.json<Checkpoint>(path, { method: "POST", body: { checkpoint: name } });
	if (format) writeObject(cli.io.stdout, { ...restored }, format);
	else cli.io.stdout.write(`session.klaw.sh/${session} restored to checkpoint ${restored.metadata.name}\n`);
}
