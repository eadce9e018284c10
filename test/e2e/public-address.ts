import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";

/**
 * Gives this machine, on its loopback interface, an address that everyone takes for one of the public internet, so that
 * a server that looks public can be had without a network. `undefined` when this process may not, or the system has
 * no `ip`.
 */
export function addPublicAddress(): { address: string; remove(): void } | undefined {
	// 11.0.0.0/8 is public by its number and is not used on the internet.
	const address = `11.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
	const change = (verb: "add" | "del") => execFileSync("ip", ["address", verb, `${address}/32`, "dev", "lo"], { stdio: "ignore" });
	try {
		change("add");
	} catch {
		return undefined;
	}
	return { address, remove: () => void change("del") };
}
