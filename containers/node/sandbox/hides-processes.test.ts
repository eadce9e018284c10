import { expect, it } from "vitest";
import { hidesProcesses } from "./choose-sandbox.ts";

const SYS = "sysfs /sys sysfs ro,nosuid 0 0\n";

it.each([
	["rw,nosuid,nodev,noexec,relatime", false],
	["rw,nosuid,hidepid=invisible", true],
	["rw,gid=0,hidepid=2", true],
	["rw,hidepid=noaccess", true],
	["rw,hidepid=off", false],
])("/proc mounted with %s hides the processes of others: %s", (options, hides) => {
	expect(hidesProcesses(`${SYS}proc /proc proc ${options} 0 0\n`)).toBe(hides);
});

it("another /proc, such as that of a chroot, says nothing of it", () => {
	expect(hidesProcesses("proc /srv/proc proc rw,hidepid=2 0 0\n")).toBe(false);
});
