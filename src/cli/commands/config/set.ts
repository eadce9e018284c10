import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { editKubeconfig } from "../../kubeconfig/edit.ts";
import { repeated } from "../../write/write-options.ts";
import { kubeconfigOf, only } from "./kubeconfig-of.ts";

interface ClusterFlags {
	server?: string;
	certificateAuthority?: string;
	embedCerts?: boolean;
	insecureSkipTlsVerify?: boolean;
	tlsServerName?: string;
}

interface CredentialFlags {
	token?: string;
	clientCertificate?: string;
	clientKey?: string;
	embedCerts?: boolean;
	execCommand?: string;
	execApiVersion?: string;
	execArg?: string[];
	execEnv?: string[];
}

/** The commands that make and change entries of the kubeconfig. */
export function addSet(config: Command, cli: Cli): void {
	const print = (line: string) => cli.io.stdout.write(`${line}\n`);

	const context = config
		.command("set-context")
		.description("make or change a context")
		.argument("[name...]")
		.option("--current", "the current context")
		.option("--cluster <name>", "its cluster")
		.option("--user <name>", "its user")
		.option("--namespace <name>", "its namespace");
	context.action(async (words: string[], flags: { current?: boolean; cluster?: string; user?: string; namespace?: string }) => {
		if (flags.current && words.length > 0) throw new CliError("you cannot specify both a context name and --current");
		if (!flags.current && words.length === 0) throw new CliError("you must specify a non-empty context name or --current");
		const { config, paths } = await kubeconfigOf(context, cli);
		const name = flags.current ? config.currentContext : only(words);
		if (name === undefined) throw new CliError("no current context is set");
		const { cluster, user, namespace } = flags;
		const known = config.contexts.has(name);
		const set = { ...(!known && { cluster: "", user: "" }), ...given({ cluster, user, namespace }) };
		await editKubeconfig(paths, [{ list: "contexts", name, set }]);
		print(`Context "${name}" ${known ? "modified" : "created"}.`);
	});

	const cluster = config
		.command("set-cluster")
		.description("make or change a cluster of the kubeconfig")
		.argument("[name...]")
		.option("--server <url>", "its URL")
		.option("--certificate-authority <file>", "certificate of the authority that the server's is of")
		.option("--embed-certs", "put certificates themselves into the kubeconfig")
		.option("--insecure-skip-tls-verify", "do not look at the server's certificate")
		.option("--no-insecure-skip-tls-verify")
		.option("--tls-server-name <name>", "name to expect in the server's certificate");
	cluster.action(async (words: string[], flags: ClusterFlags) => {
		const name = only(words);
		const insecure = cluster.getOptionValueSource("insecureSkipTlsVerify") === "cli" ? flags.insecureSkipTlsVerify : undefined;
		if (flags.certificateAuthority && insecure)
			throw new CliError("you cannot specify a certificate authority and insecure mode at the same time");
		const { paths } = await kubeconfigOf(cluster, cli);
		const set = {
			...given({ server: flags.server?.replace(/\/+$/, ""), "insecure-skip-tls-verify": insecure, "tls-server-name": flags.tlsServerName }),
			...(await certificate("certificate-authority", flags.certificateAuthority, flags.embedCerts, cli)),
			// Kubernetes takes no file that says both.
			...(flags.certificateAuthority && { "insecure-skip-tls-verify": undefined }),
			...(insecure && { "certificate-authority": undefined, "certificate-authority-data": undefined }),
		};
		await editKubeconfig(paths, [{ list: "clusters", name, set: { ...set } }]);
		print(`Cluster "${name}" set.`);
	});

	const credentials = config
		.command("set-credentials")
		.description("make or change a user of the kubeconfig")
		.argument("[name...]")
		.option("--token <token>", "bearer token")
		.option("--client-certificate <file>", "certificate to be known by")
		.option("--client-key <file>", "key of that certificate")
		.option("--embed-certs", "put certificates themselves into the kubeconfig")
		.option("--exec-command <command>", "a program that prints the credentials")
		.option("--exec-api-version <version>", "API version of that program, e.g. client.authentication.k8s.io/v1")
		.option("--exec-arg <argument>", "an argument for it; may be repeated", repeated)
		.option("--exec-env <name=value>", "a variable for it; may be repeated", repeated);
	credentials.action(async (words: string[], flags: CredentialFlags) => {
		const name = only(words);
		const { paths } = await kubeconfigOf(credentials, cli);
		const set = {
			...given({ token: flags.token, exec: execOf(flags) }),
			...(flags.token !== undefined && { tokenFile: undefined }),
			...(await certificate("client-certificate", flags.clientCertificate, flags.embedCerts, cli)),
			...(await certificate("client-key", flags.clientKey, flags.embedCerts, cli)),
		};
		await editKubeconfig(paths, [{ list: "users", name, set }]);
		print(`User "${name}" set.`);
	});
}

function execOf({ execCommand: command, execApiVersion, execArg, execEnv }: CredentialFlags) {
	if (command === undefined) return undefined;
	const env = execEnv?.map((word) => {
		const equals = word.indexOf("=");
		if (equals < 1) throw new CliError(`error parsing exec-env: ${word}`);
		return { name: word.slice(0, equals), value: word.slice(equals + 1) };
	});
	return {
		apiVersion: execApiVersion ?? "client.authentication.k8s.io/v1",
		command,
		...(execArg && { args: execArg }),
		...(env && { env }),
		interactiveMode: "IfAvailable",
	};
}

/** The file's name, or what it holds. The one takes the place of the other. */
async function certificate(
	field: string,
	file: string | undefined,
	embed: boolean | undefined,
	cli: Cli,
): Promise<Record<string, string | undefined>> {
	if (file === undefined) return {};
	const path = resolve(cli.io.cwd, file);
	if (!embed) return { [field]: path, [`${field}-data`]: undefined };
	try {
		return { [field]: undefined, [`${field}-data`]: (await readFile(path)).toString("base64") };
	} catch (error) {
		throw new CliError(`could not read ${field} data from ${file}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
