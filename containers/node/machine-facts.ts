import { execFileSync } from "node:child_process";
import { arch, hostname, networkInterfaces, platform, release } from "node:os";
import type { ReadText } from "./cgroup-limits.ts";
import type { Hello } from "./protocol.ts";

type Facts = Pick<Hello["node"], "os" | "arch" | "osImage" | "kernelVersion" | "hostname" | "addresses" | "bootId">;

/** Architectures as Go names them, and so Kubernetes. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** What there is to say of this machine. */
export function machineFacts(read: ReadText): Facts {
	const osImage = osImageIn(read("/etc/os-release") ?? "");
	const bootId = platform() === "darwin" ? sysctl("kern.bootsessionuuid") : bootIdOf(read);
	return {
		...{ os: platform(), arch: ARCHITECTURES[arch()] ?? arch(), kernelVersion: release(), hostname: hostname() },
		addresses: [...internalIp(networkInterfaces()), { type: "Hostname", address: hostname() }],
		...(osImage !== undefined && { osImage }),
		...(bootId !== undefined && { bootId }),
	};
}

/** What a node is labelled with, whatever else is said of it. */
export function standardLabels({ os, arch }: Pick<Facts, "os" | "arch">, name: string): Record<string, string> {
	return { "kubernetes.io/hostname": name, "kubernetes.io/os": os, "kubernetes.io/arch": arch };
}

/** The `PRETTY_NAME` of an os-release file. */
export function osImageIn(text: string): string | undefined {
	const value = /^PRETTY_NAME=(.*)$/m.exec(text)?.[1]?.trim();
	return value?.replace(/^(["'])(.*)\1$/, "$2") || undefined;
}

/**
 * Differs after each boot. All containers of a machine have its boot id in common, so the start of the first process
 * goes with it: with that one, everything that ran beside it ended.
 */
export function bootIdOf(read: ReadText): string | undefined {
	const boot = read("/proc/sys/kernel/random/boot_id")?.trim();
	if (!boot) return undefined;
	const stat = read("/proc/1/stat") ?? "";
	// The name of the process, in parentheses, may hold anything. Field 22 is the start in clock ticks: proc_pid_stat(5).
	const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
	return started ? `${boot}-${started}` : boot;
}

/** The first address by which others may reach it. */
export function internalIp(interfaces: ReturnType<typeof networkInterfaces>): { type: string; address: string }[] {
	const all = Object.values(interfaces).flatMap((addresses = []) => addresses.filter(({ internal }) => !internal));
	const linkLocal = /^(fe80:|169\.254\.)/i;
	const usable = all.filter(({ address }) => !linkLocal.test(address));
	const first = usable.find(({ family }) => family === "IPv4") ?? usable[0];
	return first ? [{ type: "InternalIP", address: first.address }] : [];
}

function sysctl(name: string): string | undefined {
	try {
		return execFileSync("/usr/sbin/sysctl", ["-n", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() || undefined;
	} catch {
		return undefined;
	}
}
