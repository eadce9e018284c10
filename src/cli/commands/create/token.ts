import type { Command } from "commander";
import { type Cli, connect } from "../../cli.ts";
import { durationOption } from "../../duration.ts";
import { ApiError, CliError } from "../../errors.ts";
import { type Format, OUTPUT_HELP, parseFormat, writeObject } from "../../output/format.ts";
import { commaList } from "../../write/write-options.ts";

interface TokenFlags {
	audience?: string[];
	/** Milliseconds. */
	duration?: number;
	boundObjectKind?: string;
	boundObjectName?: string;
	boundObjectUid?: string;
	output?: Format;
}

/** What a token may be bound to: with the object, the token ends. */
const BOUND_KINDS: Readonly<Record<string, string>> = { Pod: "v1", Secret: "v1", Node: "v1" };

interface TokenRequest {
	apiVersion: string;
	kind: string;
	metadata: { name: string };
	status?: { token?: string };
}

export function addCreateToken(create: Command, cli: Cli): void {
	const command = create
		.command("token")
		.description("ask for a token of a ServiceAccount")
		.argument("[names...]", "SERVICE_ACCOUNT_NAME")
		.option("--audience <names>", "whom the token is for; default: the API server", commaList)
		.option("--duration <duration>", "how long it is valid; default: the server's", duration)
		.option("--bound-object-kind <kind>", "Pod, Secret or Node: the token ends with the object")
		.option("--bound-object-name <name>", "name of that object")
		.option("--bound-object-uid <uid>", "uid of that object")
		.option("-o, --output <format>", OUTPUT_HELP, parseFormat);
	command.action(async (names: string[], flags: TokenFlags) => {
		const [name] = names;
		if (name === undefined || names.length > 1)
			throw new CliError(`exactly one NAME is required, got ${names.length}\nSee 'klaw create token -h' for help and examples`);
		const boundObjectRef = boundObject(flags);
		const { client, namespace } = await connect(command, cli.io);
		const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
		const body = {
			apiVersion: "authentication.k8s.io/v1",
			kind: "TokenRequest",
			spec: {
				...(flags.audience && { audiences: flags.audience }),
				...(flags.duration !== undefined && { expirationSeconds: Math.round(flags.duration / 1000) }),
				...(boundObjectRef && { boundObjectRef }),
			},
		};
		const answer = await client.json<TokenRequest>(path, { method: "POST", body }).catch((error: unknown) => {
			throw error instanceof ApiError ? new CliError(`failed to create token: ${error.status.message}`) : error;
		});
		if (flags.output)
			return writeObject(cli.io.stdout, { ...answer, metadata: { ...answer.metadata, name: answer.metadata?.name ?? name } }, flags.output);
		if (!answer.status?.token) throw new CliError("failed to create token: no token in server response");
		cli.io.stdout.write(`${answer.status.token}\n`);
	});
}

/** @throws CliError in kubectl's words */
function boundObject({ boundObjectKind: kind, boundObjectName: name, boundObjectUid: uid }: TokenFlags) {
	if (kind === undefined) {
		if (name !== undefined) throw new CliError("--bound-object-name can only be set if --bound-object-kind is provided");
		if (uid !== undefined) throw new CliError("--bound-object-uid can only be set if --bound-object-kind is provided");
		return undefined;
	}
	const apiVersion = BOUND_KINDS[kind];
	if (apiVersion === undefined)
		throw new CliError(`supported --bound-object-kind values are ${Object.keys(BOUND_KINDS).sort().join(", ")}`);
	if (name === undefined && uid === undefined)
		throw new CliError("--bound-object-name or --bound-object-uid must be set if --bound-object-kind is provided");
	return { kind, apiVersion, ...(name !== undefined && { name }), ...(uid !== undefined && { uid }) };
}

/** kubectl's 0 is the server's own. */
function duration(text: string): number | undefined {
	return /^0[a-z]*$/.test(text) ? undefined : durationOption(text);
}
