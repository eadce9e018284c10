import type { Command } from "commander";
import type { PlacementReview, PlacementReviewSpec } from "../../resources/virtual/placement-review.ts";
import type { ApiClient } from "../api-client.ts";
import { resourcePath } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { PLACEMENT_REVIEW, SESSION, TASK, taskOrSession } from "../kinds.ts";
import { readManifests } from "../manifests.ts";
import type { SessionObject, TaskObject } from "../objects.ts";
import { formatObject, readObjectFormat } from "../output/format.ts";
import { placementText } from "../render/placement.ts";

interface WhyFlags {
	whatIf?: boolean;
	filename?: string;
	output?: string;
}

const USAGE = "Say what it is about: klaw why session/NAME, klaw why task/NAME, or klaw why --what-if -f agent.yaml";

export function addWhy(program: Command, cli: Cli): void {
	const command = program
		.command("why")
		.description("explain where a session runs, and why not elsewhere: what each node was found to be")
		.argument("[object]", "session/NAME, task/NAME or, with --what-if, agent/NAME")
		.option("--what-if", "where a new session of an agent would go now, without making one")
		.option("-f, --filename <file>", "with --what-if: the agent, which need not be on the server")
		.option("-o, --output <format>", "json, yaml, name or jsonpath=TEMPLATE: the review with its answer")
		.action(async (word: string | undefined, flags: WhyFlags) => {
			const format = flags.output === undefined ? undefined : readObjectFormat(flags.output, cli.io.cwd);
			const { client, namespace } = await connect(command, cli.io);
			const asked = flags.whatIf ? await thoughtOf(cli, word, flags, namespace) : await placed(client, word, flags, namespace);
			const review = await client.json<PlacementReview>(resourcePath(PLACEMENT_REVIEW, asked.namespace), {
				method: "POST",
				body: { apiVersion: "klaw.sh/v1", kind: "PlacementReview", metadata: {}, spec: asked.spec },
			});
			const { status } = review;
			if (!status) throw new CliError("The server did not answer the review. Is it of an older version?");
			const { apiVersion, kind, spec } = review;
			cli.io.stdout.write(
				format
					? formatObject({ apiVersion, kind, metadata: { name: "" }, spec: { ...spec }, status: { ...status } }, format)
					: placementText(asked.what, status, Date.now(), asked.holds),
			);
		});
}

interface Asked {
	what: string;
	spec: PlacementReviewSpec;
	namespace: string;
	/** The node that the session holds now, `""` for none; absent where there is no session. */
	holds?: string;
}

/** Something that is on the server. */
async function placed(client: ApiClient, word: string | undefined, { filename }: WhyFlags, namespace: string): Promise<Asked> {
	if (filename !== undefined) throw new CliError("-f goes with --what-if: klaw why --what-if -f agent.yaml");
	const found = taskOrSession(word ?? "");
	if (!found) throw new CliError(`${word === undefined ? "" : `"${word}" is neither a session nor a task. `}${USAGE}.`);
	const session = found.resource === TASK ? await sessionOf(client, namespace, found.name) : found.name;
	const { status } = await client.json<SessionObject>(resourcePath(SESSION, namespace, session));
	const holds = typeof status?.node === "string" ? status.node : "";
	const what = found.resource === TASK ? `task/${found.name} in session/${session}` : `session/${session}`;
	return { what, spec: { session }, namespace, holds };
}

async function sessionOf(client: ApiClient, namespace: string, name: string): Promise<string> {
	const task = await client.json<TaskObject>(resourcePath(TASK, namespace, name));
	if (task.status?.session === undefined) throw new CliError(`task/${name} has no session yet. Try again in a moment.`);
	return task.status.session;
}

/** An agent of a file, or one that is on the server. */
async function thoughtOf(cli: Cli, word: string | undefined, { filename }: WhyFlags, namespace: string): Promise<Asked> {
	if (filename === undefined) {
		const [, agentName] = /^(?:agents?|ag)(?:\.klaw\.sh)?\/(.+)$/.exec(word ?? "") ?? [];
		if (agentName === undefined)
			throw new CliError(
				`--what-if needs an agent${word === undefined ? "" : `, and "${word}" is none`}: klaw why --what-if -f agent.yaml, or klaw why --what-if agent/NAME`,
			);
		return { what: `a session of agent/${agentName}`, spec: { agentName }, namespace };
	}
	if (word !== undefined) throw new CliError("Name an agent or give its file with -f, not both.");
	const manifests = await readManifests([filename], cli.io);
	const agents = manifests.filter(({ object }) => object.kind === "Agent");
	const [only, ...more] = agents;
	const shown = filename === "-" ? "Standard input" : filename;
	if (!only)
		throw new CliError(
			`${shown} holds no Agent, only ${[...new Set(manifests.map(({ object }) => object.kind))].join(", ")}. --what-if takes one Agent.`,
		);
	if (more.length > 0) {
		const names = agents.map(({ object }) => object.metadata.name ?? "(no name)").join(", ");
		throw new CliError(`${shown} holds ${agents.length} agents (${names}), and --what-if takes one. Give a file that holds it alone.`);
	}
	const { metadata, spec } = only.object;
	const agentName = metadata.name;
	// Its defaults are the server's to fill in.
	const body: object = { agent: spec ?? {}, ...(agentName !== undefined && { agentName }) };
	return {
		what: `a session of agent/${agentName ?? "(no name)"}`,
		spec: body as PlacementReviewSpec,
		namespace: metadata.namespace ?? namespace,
	};
}
