import type { KeyPair } from "./certificates.ts";
import type { ContainerEngine } from "./container-engine.ts";

/** `compatibility_date` of wrangler.toml: the same Worker runs under the same rules on a laptop. */
export const COMPATIBILITY_DATE = "2026-10-20";
/** `compatibility_flags` of wrangler.toml. */
export const COMPATIBILITY_FLAGS: readonly string[] = ["global_fetch_strictly_public"];
/** Binding → class of each Durable Object, as in wrangler.toml. */
export const DURABLE_OBJECTS: Readonly<Record<string, string>> = {
	SESSION: "SessionObject",
	CLUSTER: "ClusterObject",
	NAMESPACE: "NamespaceObject",
	DISPATCHER: "DispatcherObject",
	NODE: "NodeObject",
};

/** Binding and class of the containers, as in wrangler.containers.toml. */
export const CONTAINER_OBJECT = { binding: "CONTAINER", name: "ContainerObject" };

export interface WorkerdOptions {
	/** IPv4 address and port to listen on; port 0: any free one. */
	address: string;
	/** A second door, for clients such as kubectl that send no token over plain HTTP. */
	https: { address: string; keypair: KeyPair };
	/** Absolute path of the directory for the state of Durable Objects. */
	stateDir: string;
	/** Absolute path of the directory for the workspaces of sessions. */
	workspacesDir: string;
	/** Files of the Worker below the directory that workerd is given as import path, the entry point first. */
	modules: readonly string[];
	/** Text bindings, secrets among them. */
	variables: Readonly<Record<string, string>>;
	/** Tools may reach local addresses. */
	allowLocalNetwork: boolean;
	/** Absent: no containers are started. */
	containers?: ContainerEngine | undefined;
}

/**
 * The configuration of workerd, as Cap'n Proto text. It holds the secrets of the deployment.
 *
 * Models are called through `internet`, since a model's server may well run on this machine. What tools fetch goes
 * through `OUTBOUND`, which connects to public addresses only, looked at after DNS.
 */
export function workerdConfig(options: WorkerdOptions): string {
	const { modules, variables, allowLocalNetwork, https, containers } = options;
	const everywhere = '["public", "private", "local"]';
	const objects = Object.entries(DURABLE_OBJECTS);
	return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
	services = [
		(name = "klaw", worker = .klaw),
		(name = "state", disk = (path = ${text(options.stateDir)}, writable = true)),
		(name = "workspaces", disk = (path = ${text(options.workspacesDir)}, writable = true)),
		${network("internet", everywhere)},
		${network("outbound", allowLocalNetwork ? everywhere : '["public"]')},
	],
	sockets = [
		(name = "http", address = ${text(options.address)}, http = (), service = "klaw"),
		(name = "https", address = ${text(https.address)}, https = (tlsOptions = ${keypair(https.keypair)}), service = "klaw"),
	],
);

const klaw :Workerd.Worker = (
	modules = [
${modules.map((name) => `\t\t(name = ${text(name)}, esModule = embed ${text(`/${name}`)}),\n`).join("")}	],
	compatibilityDate = ${text(COMPATIBILITY_DATE)},
	compatibilityFlags = [${COMPATIBILITY_FLAGS.map(text).join(", ")}],
	durableObjectNamespaces = [
${objects.map(([, name]) => `\t\t(className = ${text(name)}, uniqueKey = ${text(`klaw-${name}`)}, enableSql = true),\n`).join("")}${containers ? containerNamespace(containers) : ""}	],
	durableObjectStorage = (localDisk = "state"),
	bindings = [
${objects.map(([binding, name]) => `\t\t(name = ${text(binding)}, durableObjectNamespace = ${text(name)}),\n`).join("")}${containers ? containerBinding() : ""}		(name = "OUTBOUND", service = "outbound"),
		(name = "WORKSPACES_DISK", service = "workspaces"),
${Object.entries(variables)
	.map(([name, value]) => `\t\t(name = ${text(name)}, text = ${text(value)}),\n`)
	.join("")}	],
	globalOutbound = "internet",
${containers ? containerEngine(containers) : ""});
`;
}

/** Containers have a key of their own, since their names at the engine are made with it. */
function containerNamespace({ uniqueKey, image }: ContainerEngine): string {
	return `\t\t(className = ${text(CONTAINER_OBJECT.name)}, uniqueKey = ${text(uniqueKey)}, enableSql = true, container = (imageName = ${text(image)})),\n`;
}

function containerBinding(): string {
	return `\t\t(name = ${text(CONTAINER_OBJECT.binding)}, durableObjectNamespace = ${text(CONTAINER_OBJECT.name)}),\n`;
}

function containerEngine({ socket, interceptorImage }: ContainerEngine): string {
	return `\tcontainerEngine = (localDocker = (socketPath = ${text(socket)}, containerEgressInterceptorImage = ${text(interceptorImage)})),\n`;
}

function network(name: string, allow: string): string {
	return `(name = ${text(name)}, network = (allow = ${allow}, tlsOptions = (trustBrowserCas = true)))`;
}

function keypair({ cert, key }: KeyPair): string {
	return `(keypair = (privateKey = ${text(key)}, certificateChain = ${text(cert)}))`;
}

/** A Cap'n Proto string literal. Everything but plain ASCII is written as the bytes of its UTF-8. */
function text(value: string): string {
	const bytes = Array.from(new TextEncoder().encode(value), (byte) => {
		const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
		return plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
	});
	return `"${bytes.join("")}"`;
}
