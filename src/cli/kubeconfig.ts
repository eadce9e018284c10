import { CliError } from "./errors.ts";
import { runCredentialPlugin } from "./kubeconfig/exec-credential.ts";
import { loadKubeconfig, readIfThere } from "./kubeconfig/load.ts";
import { type KubeconfigIo, kubeconfigPaths, noKubeconfig } from "./kubeconfig/paths.ts";
import type { KubeconfigCluster, KubeconfigUser } from "./kubeconfig/schema.ts";

/** How to trust a server and be known to it, with certificates in PEM form. */
export interface TlsOptions {
	ca?: string | undefined;
	/** The server's certificate is not looked at. */
	insecure?: boolean | undefined;
	/** The name to expect in the server's certificate, when it is not that of the URL. */
	serverName?: string | undefined;
	cert?: string | undefined;
	key?: string | undefined;
}

/** Whom to act as, in place of oneself. */
export interface Impersonation {
	user: string;
	groups?: readonly string[] | undefined;
	uid?: string | undefined;
}

/** Where to send requests, and as whom. */
export interface Connection {
	/** URL without a slash at its end. */
	server: string;
	token: string | undefined;
	namespace: string;
	/** What to name in a sentence about these credentials, e.g. `context "local" of .klaw/kubeconfig`. */
	source: string;
	tls?: TlsOptions | undefined;
	as?: Impersonation | undefined;
	/** Longest time for one request in milliseconds; absent: the client's own limits. */
	requestTimeoutMs?: number | undefined;
}

/** The options of the command line that choose a connection. */
export interface ConnectionOptions {
	kubeconfig?: string | undefined;
	context?: string | undefined;
	cluster?: string | undefined;
	user?: string | undefined;
	namespace?: string | undefined;
	server?: string | undefined;
	token?: string | undefined;
	as?: string | undefined;
	asGroup?: string[] | undefined;
	asUid?: string | undefined;
	certificateAuthority?: string | undefined;
	insecureSkipTlsVerify?: boolean | undefined;
	tlsServerName?: string | undefined;
	clientCertificate?: string | undefined;
	clientKey?: string | undefined;
	requestTimeout?: number | undefined;
}

/**
 * Finds the cluster like kubectl: `--kubeconfig`, `KUBECONFIG` (a list; the first file that has a value wins),
 * `.klaw/kubeconfig` in the working directory, `~/.kube/config`.
 *
 * @throws CliError that says where it looked.
 */
export async function findConnection(options: ConnectionOptions, io: KubeconfigIo): Promise<Connection> {
	const flagged = { server: options.server?.replace(/\/+$/, ""), token: options.token };
	if (flagged.server !== undefined && flagged.token !== undefined)
		return {
			server: flagged.server,
			token: flagged.token,
			namespace: options.namespace ?? "default",
			source: "--token",
			...(await common(options, {}, {})),
		};

	const paths = kubeconfigPaths(options.kubeconfig, io);
	const config = await loadKubeconfig(paths.files);
	if (config.files.length === 0) throw noKubeconfig(paths, options.kubeconfig, io);
	const files = config.files.join(", ");
	const name = options.context ?? config.currentContext;
	if (name === undefined) throw new CliError(`${files} has no current-context. Choose one with --context (${listed(config.contexts)}).`);
	const context = config.contexts.get(name);
	if (!context) throw new CliError(`There is no context "${name}" in ${files}. There is ${listed(config.contexts)}.`);
	const source = `context "${name}" of ${files}`;
	const clusterName = options.cluster ?? context.cluster ?? "";
	const cluster = config.clusters.get(clusterName) ?? {};
	if (options.cluster !== undefined && !config.clusters.has(clusterName)) throw missing("cluster", clusterName, files, config.clusters);
	const server = flagged.server ?? cluster.server?.replace(/\/+$/, "");
	if (!server) throw new CliError(`The cluster "${clusterName}" of ${source} has no server. Give it one, or use --server URL.`);
	const userName = options.user ?? context.user ?? "";
	const user = config.users.get(userName) ?? {};
	if (options.user !== undefined && !config.users.has(userName)) throw missing("user", userName, files, config.users);

	const { tls, ...rest } = await common(options, cluster, user);
	const token = flagged.token ?? user.token ?? (user.tokenFile ? await readToken(user.tokenFile, source) : undefined);
	const connection = { server, token: token || undefined, namespace: options.namespace ?? context.namespace ?? "default", source, ...rest };
	if (connection.token !== undefined || tls.cert !== undefined) return { ...connection, tls };
	if (user.exec) {
		const info = { ...cluster, server, "certificate-authority-data": tls.ca && Buffer.from(tls.ca).toString("base64") };
		const credential = await runCredentialPlugin(user.exec, execCluster(info), io.env);
		return {
			...connection,
			token: credential.token ?? undefined,
			tls: { ...tls, cert: credential.clientCertificateData ?? undefined, key: credential.clientKeyData ?? undefined },
		};
	}
	throw new CliError(
		`The user "${userName}" of ${source} has no token. klaw signs in with a bearer token: give it a token or a tokenFile.`,
	);
}

/** What is read in the same way whether there is a kubeconfig or not: certificates, impersonation, time. */
async function common(
	options: ConnectionOptions,
	cluster: KubeconfigCluster,
	user: KubeconfigUser,
): Promise<Pick<Connection, "as" | "requestTimeoutMs"> & { tls: TlsOptions }> {
	const as = options.as ?? user.as;
	const groups = options.asGroup ?? user["as-groups"] ?? undefined;
	const uid = options.asUid ?? user["as-uid"] ?? undefined;
	if (!as && (groups?.length || uid)) throw new CliError("requesting groups or user-extra for subject without impersonating a user");
	return {
		tls: {
			ca: await pem(options.certificateAuthority, cluster["certificate-authority-data"], cluster["certificate-authority"]),
			insecure: options.insecureSkipTlsVerify ?? cluster["insecure-skip-tls-verify"] ?? undefined,
			serverName: options.tlsServerName ?? cluster["tls-server-name"] ?? undefined,
			cert: await pem(options.clientCertificate, user["client-certificate-data"], user["client-certificate"]),
			key: await pem(options.clientKey, user["client-key-data"], user["client-key"]),
		},
		as: as ? { user: as, groups, uid } : undefined,
		requestTimeoutMs: options.requestTimeout,
	};
}

/** A flag wins and, as in kubectl, data wins over a file. */
async function pem(
	flag: string | undefined,
	data: string | null | undefined,
	path: string | null | undefined,
): Promise<string | undefined> {
	if (flag === undefined && data) return Buffer.from(data, "base64").toString();
	const file = flag ?? path;
	if (!file) return undefined;
	const text = await readIfThere(file);
	if (text === undefined)
		throw new CliError(`unable to read ${file}: there is no such file. Correct the kubeconfig or the flag that names it.`);
	return text;
}

function execCluster(cluster: KubeconfigCluster & { server: string }) {
	return {
		server: cluster.server,
		"certificate-authority-data": cluster["certificate-authority-data"] ?? undefined,
		"insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"] ?? undefined,
		"tls-server-name": cluster["tls-server-name"] ?? undefined,
	};
}

async function readToken(path: string, source: string): Promise<string> {
	const text = await readIfThere(path);
	if (text === undefined) throw new CliError(`The tokenFile ${path} of ${source} does not exist.`);
	return text.trim();
}

function missing(what: string, name: string, files: string, there: ReadonlyMap<string, unknown>): CliError {
	return new CliError(`There is no ${what} "${name}" in ${files}. There is ${listed(there)}.`);
}

function listed(names: ReadonlyMap<string, unknown>): string {
	return names.size === 0 ? "none" : [...names.keys()].join(", ");
}
