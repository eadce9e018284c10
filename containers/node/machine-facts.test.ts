import { describe, expect, it } from "vitest";
import { readText } from "./machine.ts";
import { bootIdOf, internalIp, machineFacts, osImageIn, standardLabels } from "./machine-facts.ts";

const BOOT = "b226fce7-b5ae-4981-8812-ea6031afeec0";
const stat = (started: number) => `1 (a (b) c) S ${Array.from({ length: 18 }, (_, index) => index).join(" ")} ${started} 23 24\n`;
const boot = (files: Record<string, string>) => bootIdOf((path) => files[path]);

it("the image of a machine's system is its pretty name", () => {
	expect(osImageIn('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe("Debian GNU/Linux 12 (bookworm)");
	expect(osImageIn("PRETTY_NAME=Alpine\n")).toBe("Alpine");
	expect([osImageIn("ID=x\n"), osImageIn('PRETTY_NAME=""')]).toEqual([undefined, undefined]);
});

describe("a boot", () => {
	const files = { "/proc/sys/kernel/random/boot_id": `${BOOT}\n`, "/proc/1/stat": stat(22) };

	it("has one id while it lasts", () => {
		expect([boot(files), boot(files)]).toEqual([`${BOOT}-22`, `${BOOT}-22`]);
	});

	it("is another one in a container that was started again on the same machine", () => {
		expect(boot({ ...files, "/proc/1/stat": stat(98_765) })).toBe(`${BOOT}-98765`);
	});

	it("is known by the machine alone where the first process is hidden, and not at all where there is no id", () => {
		expect(boot({ "/proc/sys/kernel/random/boot_id": `${BOOT}\n` })).toBe(BOOT);
		expect(boot({ "/proc/1/stat": stat(22) })).toBeUndefined();
	});
});

describe("the address of a machine", () => {
	const one = (address: string, family: "IPv4" | "IPv6", internal = false) => {
		const rest = { netmask: "", mac: "", internal, cidr: null };
		return family === "IPv4" ? { ...rest, address, family } : { ...rest, address, family, scopeid: 0 };
	};

	it("is the first by which others may reach it", () => {
		const lo = [one("127.0.0.1", "IPv4", true)];
		const eth0 = [one("fe80::1", "IPv6"), one("2001:db8::1", "IPv6"), one("10.0.0.7", "IPv4")];
		expect(internalIp({ lo, eth0 })).toEqual([{ type: "InternalIP", address: "10.0.0.7" }]);
		expect(internalIp({ lo, eth0: eth0.slice(0, 2) })).toEqual([{ type: "InternalIP", address: "2001:db8::1" }]);
		expect(internalIp({ lo, eth0: [one("169.254.1.1", "IPv4")] })).toEqual([]);
	});
});

it("a node is labelled with its name and what runs there, in Kubernetes' words", () => {
	const { os, arch } = machineFacts(readText);
	expect(standardLabels({ os, arch }, "n1")).toEqual({
		"kubernetes.io/hostname": "n1",
		"kubernetes.io/os": process.platform,
		"kubernetes.io/arch": { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch,
	});
});
