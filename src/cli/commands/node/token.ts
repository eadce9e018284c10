import { type Command, InvalidArgumentError } from "commander";
import { JOIN_TOKEN_TTL } from "../../../resources/virtual/join-token-ttl.ts";
import { apiVersionOf, resourcePath } from "../../api-resource.ts";
import { type Cli, connect } from "../../cli.ts";
import { durationUpTo } from "../../duration.ts";
import { CliError } from "../../errors.ts";
import { NODE_JOIN_TOKEN } from "../../kinds.ts";
import { type Format, OUTPUT_HELP, parseFormat, readFormat, writeObject } from "../../output/format.ts";
import { Getter } from "../../read/getter.ts";
import { Failures } from "../../write/failures.ts";

interface CreateFlags {
	/** Milliseconds. */
	ttl?: number;
	node?: string;
	uses?: number;
	description?: string;
	output?: Format;
}

interface ListFlags {
	output?: string;
	headers: boolean;
}

interface NodeJoinToken {
	apiVersion: string;
	kind: string;
	metadata: { name: string };
	status?: { token?: string };
}

const MOST = `${JOIN_TOKEN_TTL.limit / 3_600}h`;
const ttlOption = durationUpTo(JOIN_TOKEN_TTL.limit * 1_000, `${MOST}: every join token ends`);

/** Join tokens: the same objects as `klaw get nodejointokens`, for whoever only wants a machine to join. */
export function addNodeToken(node: Command, cli: Cli): void {
	const token = node.command("token").description("tokens with which machines join");
	token
		.command("create")
		.description("make a token and print it; it is shown this once")
		.option("--ttl <duration>", `how long machines may join with it, such as 30m; ${MOST} at most; default: 1h`, ttlOption)
		.option("--node <name>", "the only node that may join with it")
		.option("--uses <number>", "how many machines may join with it; default: any number", usesOption)
		.option("--description <text>", "what it is for")
		.option("-o, --output <format>", OUTPUT_HELP, parseFormat)
		.action(async (flags: CreateFlags, command: Command) => createToken(cli, flags, command));
	token
		.command("list")
		.alias("ls")
		.description("the tokens that have not expired, without what is secret of them")
		.option("-o, --output <format>", OUTPUT_HELP)
		.option("--no-headers", "leave out the line of column names")
		.action(async (flags: ListFlags, command: Command) => listTokens(cli, flags, command));
	token
		.command("delete")
		.description("end tokens; machines that have joined stay")
		.argument("<names...>", "names, as klaw node token list shows them")
		.action(async (names: string[], _: unknown, command: Command) => deleteTokens(cli, names, command));
}

async function createToken(cli: Cli, { ttl, node, uses, description, output }: CreateFlags, command: Command): Promise<void> {
	const { client } = await connect(command, cli.io);
	const body = {
		...{ apiVersion: apiVersionOf(NODE_JOIN_TOKEN), kind: NODE_JOIN_TOKEN.kind },
		spec: {
			...(ttl !== undefined && { ttlSeconds: Math.ceil(ttl / 1000) }),
			...(node !== undefined && { nodeName: node }),
			...(uses !== undefined && { uses }),
			...(description !== undefined && { description }),
		},
	};
	const created = await client.json<NodeJoinToken>(resourcePath(NODE_JOIN_TOKEN, ""), { method: "POST", body });
	if (output) return writeObject(cli.io.stdout, created, output);
	if (!created.status?.token) throw new CliError("The server made a join token and did not say it. Is it a klaw server?");
	cli.io.stdout.write(`${created.status.token}\n`);
}

/** As `klaw get nodejointokens` does, but with all columns: what a token is for is what one looks for here. */
async function listTokens(cli: Cli, { output = "wide", headers }: ListFlags, command: Command): Promise<void> {
	const format = readFormat(output, cli.io.cwd);
	const { client, namespace } = await connect(command, cli.io);
	const getter = new Getter(client, cli, { format, namespace, headers, chunkSize: 500, labelColumns: [] });
	await getter.print([{ resource: NODE_JOIN_TOKEN, namespace: undefined }]);
}

async function deleteTokens(cli: Cli, names: readonly string[], command: Command): Promise<void> {
	const { client } = await connect(command, cli.io);
	const failures = new Failures();
	for (const word of names)
		await failures.attempt(async () => {
			const name = nameOf(word);
			await client.json(resourcePath(NODE_JOIN_TOKEN, "", name), { method: "DELETE" });
			cli.io.stdout.write(`nodejointoken.klaw.sh "${name}" deleted\n`);
		});
	failures.report(cli);
}

/** Also of a line of `klaw node token list -o name`. */
function nameOf(word: string): string {
	return word.replace(/^nodejointokens?(\.klaw\.sh)?\//, "");
}

function usesOption(text: string): number {
	const uses = Number(text);
	if (Number.isInteger(uses) && uses > 0) return uses;
	throw new InvalidArgumentError("It must be a whole number of machines, 1 or more.");
}
