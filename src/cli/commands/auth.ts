import type { Command } from "commander";
import * as z from "zod";
import type { ApiClient } from "../api-client.ts";
import { resourcePath } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { formatColumns } from "../output/columns.ts";
import { formatObject, readObjectFormat } from "../output/format.ts";
import { POLICY_HEADS, policyRows, policyRuleSchema } from "../policy-rules.ts";
import { ResourceMapper } from "../resource-mapper.ts";

interface CanIOptions {
	list?: boolean;
	quiet?: boolean;
	allNamespaces?: boolean;
	subresource?: string;
	headers: boolean;
}

const VERBS = new Set(
	["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"].concat(
		["use", "bind", "impersonate", "escalate", "approve", "sign", "attest"],
		["*"],
	),
);

const accessSchema = z.looseObject({
	status: z.looseObject({
		allowed: z.boolean().default(false),
		reason: z.string().nullish(),
		evaluationError: z.string().nullish(),
	}),
});
const rulesSchema = z.looseObject({
	status: z.looseObject({
		resourceRules: z.array(policyRuleSchema.partial()).nullish(),
		nonResourceRules: z.array(policyRuleSchema.partial()).nullish(),
		incomplete: z.boolean().nullish(),
		evaluationError: z.string().nullish(),
	}),
});
const identitySchema = z.looseObject({
	status: z.looseObject({
		userInfo: z.looseObject({
			username: z.string().nullish(),
			uid: z.string().nullish(),
			groups: z.array(z.string()).nullish(),
			extra: z.record(z.string(), z.array(z.string())).nullish(),
		}),
	}),
});

export function addAuth(program: Command, cli: Cli): void {
	const auth = program.command("auth").description("ask what you may do, and who you are");
	auth
		.command("can-i")
		.description("say yes or no: may I do this?")
		.argument("[words...]", "VERB TYPE, VERB TYPE/NAME or VERB /PATH")
		.option("--list", "everything that I may do in the namespace")
		.option("-q, --quiet", "say nothing: the exit code tells")
		.option("-A, --all-namespaces", "in all namespaces")
		.option("--subresource <name>", "such as log")
		.option("--no-headers", "leave out the line of column names")
		.action((words: string[], options: CanIOptions, command: Command) => canI(cli, words, options, command));
	auth
		.command("whoami")
		.description("show as whom the server knows me")
		.argument("[words...]")
		.option("-o, --output <format>", "json or yaml")
		.action((_: string[], options: { output?: string }, command: Command) => whoAmI(cli, options, command));
}

async function canI(cli: Cli, words: readonly string[], options: CanIOptions, command: Command): Promise<void> {
	const [verb = "", what = ""] = words;
	if (options.list) {
		if (words.length > 0) throw new CliError("list option must be specified with no arguments");
		if (options.quiet || options.allNamespaces || options.subresource)
			throw new CliError("list option can't be specified with neither quiet, all-namespaces nor subresource options");
	} else if (words.length !== 2)
		throw new CliError(
			"you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'klaw auth can-i -h' for help and examples.",
		);
	const { client, namespace } = await connect(command, cli.io);
	if (options.list) return await listRules(cli, client, namespace, options.headers);
	const spec = what.startsWith("/")
		? { nonResourceAttributes: { path: what, verb } }
		: { resourceAttributes: await attributes(cli, client, verb, what, namespace, options) };
	const { status } = accessSchema.parse(await review(client, "SelfSubjectAccessReview", spec));
	if (!status.allowed) cli.exitCode = 1;
	if (options.quiet) return;
	const reasons = [...(status.reason ? [` - ${status.reason}`] : []), ...(status.evaluationError ? [` - ${status.evaluationError}`] : [])];
	cli.io.stdout.write(`${status.allowed ? "yes" : "no"}${status.allowed ? "" : reasons.join("")}\n`);
}

/** What is asked for; a question that makes no sense on this server is asked all the same, with a warning. */
async function attributes(
	cli: Cli,
	client: ApiClient,
	verb: string,
	what: string,
	namespace: string,
	options: CanIOptions,
): Promise<unknown> {
	const warn = (text: string) => {
		if (!options.quiet) cli.io.stderr.write(`Warning: ${text}\n\n`);
	};
	const [type = "", ...names] = what.split("/");
	const name = names.join("/");
	if (!VERBS.has(verb)) warn(`verb '${verb}' is not a known verb`);
	const resource = type === "*" ? undefined : (await ResourceMapper.of(client)).tryFind(type);
	const [plural = "", ...suffix] = type.split(".");
	const group = suffix.join(".");
	if (!resource && type !== "*") warn(`the server doesn't have a resource type '${plural}'${group === "" ? "" : ` in group '${group}'`}`);
	if (resource && !resource.namespaced && !options.allNamespaces)
		warn(`resource '${resource.plural}' is not namespace scoped${resource.group === "" ? "" : ` in group '${resource.group}'`}`);
	return {
		...(options.allNamespaces ? {} : { namespace }),
		verb,
		group: resource?.group ?? (type === "*" ? "*" : group),
		...(resource && suffix.length > 1 && { version: resource.version }),
		resource: resource?.plural ?? plural,
		...(options.subresource && { subresource: options.subresource }),
		...(name !== "" && { name }),
	};
}

async function listRules(cli: Cli, client: ApiClient, namespace: string, headers: boolean): Promise<void> {
	const { status } = rulesSchema.parse(await review(client, "SelfSubjectRulesReview", { namespace }));
	if (status.incomplete)
		cli.io.stderr.write(`warning: the list may be incomplete${status.evaluationError ? `: ${status.evaluationError}` : ""}\n`);
	const rules = [...(status.resourceRules ?? []), ...(status.nonResourceRules ?? [])].map((rule) => policyRuleSchema.parse(rule));
	const rows = policyRows(rules);
	cli.io.stdout.write(formatColumns(headers ? [POLICY_HEADS, ...rows] : rows));
}

async function whoAmI(cli: Cli, { output }: { output?: string }, command: Command): Promise<void> {
	const format = output === undefined ? undefined : readObjectFormat(output, cli.io.cwd);
	const { client } = await connect(command, cli.io);
	const answer = await review(client, "SelfSubjectReview", undefined);
	if (format) {
		cli.io.stdout.write(formatObject(answer, format));
		return;
	}
	const { username, uid, groups, extra } = identitySchema.parse(answer).status.userInfo;
	const rows = [
		["ATTRIBUTE", "VALUE"],
		...(username ? [["Username", username]] : []),
		...(uid ? [["UID", uid]] : []),
		...(groups?.length ? [["Groups", `[${groups.join(" ")}]`]] : []),
		...Object.entries(extra ?? {})
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([key, values]) => [`Extra: ${key}`, `[${values.join(" ")}]`]),
	];
	cli.io.stdout.write(formatColumns(rows));
}

/** A question that is asked by creating an object; the answer is its status. */
async function review(client: ApiClient, kind: keyof typeof REVIEWS, spec: unknown): Promise<Review> {
	const { group, plural } = REVIEWS[kind];
	const body = { apiVersion: `${group}/v1`, kind, metadata: {}, ...(spec !== undefined && { spec }) };
	const path = resourcePath({ group, version: "v1", plural, namespaced: false }, undefined);
	return await client.json<Review>(path, { method: "POST", body });
}

const REVIEWS = {
	SelfSubjectAccessReview: { group: "authorization.k8s.io", plural: "selfsubjectaccessreviews" },
	SelfSubjectRulesReview: { group: "authorization.k8s.io", plural: "selfsubjectrulesreviews" },
	SelfSubjectReview: { group: "authentication.k8s.io", plural: "selfsubjectreviews" },
} as const;

interface Review {
	apiVersion: string;
	kind: string;
	metadata: { name: string };
}
