import { execFile } from "node:child_process";
import * as z from "zod";
import { CliError } from "../errors.ts";
import type { ExecConfig } from "./schema.ts";

const API_VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

const answerSchema = z.object({
	kind: z.literal("ExecCredential"),
	status: z.object({
		token: z.string().nullish(),
		clientCertificateData: z.string().nullish(),
		clientKeyData: z.string().nullish(),
	}),
});

/** What a credential plugin answers. */
export type ExecCredential = z.infer<typeof answerSchema>["status"];

/** What a plugin is told of the cluster, if it wants to know. */
export interface ExecCluster {
	server: string;
	"certificate-authority-data"?: string | undefined;
	"insecure-skip-tls-verify"?: boolean | undefined;
	"tls-server-name"?: string | undefined;
}

/**
 * Runs a credential plugin of a kubeconfig (`client.authentication.k8s.io`). Its errors and prompts go to the terminal.
 *
 * @throws CliError that names the command
 */
export async function runCredentialPlugin(
	exec: ExecConfig,
	cluster: ExecCluster,
	env: Readonly<Record<string, string | undefined>>,
): Promise<ExecCredential> {
	const { apiVersion, command, args, installHint } = exec;
	if (!API_VERSIONS.includes(apiVersion))
		throw new CliError(`The credential plugin ${command} is of apiVersion "${apiVersion}"; klaw knows ${API_VERSIONS.join(" and ")}.`);
	const info = {
		apiVersion,
		kind: "ExecCredential",
		spec: { interactive: process.stdin.isTTY === true, ...(exec.provideClusterInfo && { cluster }) },
	};
	const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
	const text = await new Promise<string>((resolve, reject) => {
		const child = execFile(
			command,
			args ?? [],
			{ env: { ...env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, maxBuffer: 1 << 20 },
			(error, stdout) => {
				if (!error) return resolve(stdout);
				const hint = error.code === "ENOENT" && installHint ? `\n${installHint.trim()}` : "";
				reject(
					new CliError(`The credential plugin ${command} failed: ${error.code === "ENOENT" ? "it was not found" : error.message}.${hint}`),
				);
			},
		);
		child.stderr?.pipe(process.stderr, { end: false });
		child.stdin?.end();
	});
	return parseCredential(text, command);
}

/** @throws CliError */
export function parseCredential(text: string, command: string): ExecCredential {
	let answer: unknown;
	try {
		answer = JSON.parse(text);
	} catch {
		throw new CliError(`The credential plugin ${command} printed something that is not JSON.`);
	}
	const parsed = answerSchema.safeParse(answer);
	if (!parsed.success) throw new CliError(`The credential plugin ${command} printed no ExecCredential: ${z.prettifyError(parsed.error)}`);
	return parsed.data.status;
}
