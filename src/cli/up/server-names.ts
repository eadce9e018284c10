import { hostname, networkInterfaces } from "node:os";

/**
 * The names and addresses by which this machine's klaw is reached when it listens on `host`: for 0.0.0.0 those of every
 * network too.
 */
export function serverNames(host: string): string[] {
	const names = ["localhost", "127.0.0.1", "::1"];
	if (host !== "0.0.0.0") names.push(host);
	else
		for (const addresses of Object.values(networkInterfaces()))
			for (const { address, family } of addresses ?? []) if (family === "IPv4") names.push(address);
	// A certificate holds DNS names only, and a machine may be called anything.
	const own = hostname().toLowerCase();
	if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(own)) names.push(own);
	return [...new Set(names)];
}
