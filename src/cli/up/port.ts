import { createServer, isIPv4 } from "node:net";
import { InvalidArgumentError } from "commander";
import { CliError } from "../errors.ts";

/** For commander. */
export function portOption(text: string): number {
	const port = Number(text);
	if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
	throw new InvalidArgumentError("It must be a port between 1 and 65535, or 0 for any free one.");
}

/** For commander. */
export function hostOption(text: string): string {
	if (isIPv4(text)) return text;
	throw new InvalidArgumentError("It must be an IPv4 address such as 127.0.0.1 or 0.0.0.0.");
}

/** @param flag the option that chooses another one. @throws CliError when klaw cannot listen there */
export async function checkPort(host: string, port: number, flag: string): Promise<void> {
	try {
		await listenOnce(host, port);
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "EADDRINUSE")
			throw new CliError(
				`Port ${port} on ${host} is in use by another program. Choose another one with ${flag}, or ${flag} 0 for any free one.`,
			);
		if (code === "EACCES") throw new CliError(`Port ${port} needs privileges that you do not have. Choose one above 1023 with ${flag}.`);
		if (code === "EADDRNOTAVAIL") throw new CliError(`${host} is not an address of this machine. Choose another one with --host.`);
		throw error;
	}
}

/** Whether klaw could listen there. */
export function isFree(host: string, port: number): Promise<boolean> {
	return listenOnce(host, port).then(
		() => true,
		() => false,
	);
}

async function listenOnce(host: string, port: number): Promise<void> {
	const server = createServer();
	try {
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen({ host, port, exclusive: true }, resolve);
		});
	} finally {
		await new Promise((resolve) => server.close(resolve));
	}
}
