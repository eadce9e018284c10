import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { makeDirectory, usableDirectory } from "./usable-directory.ts";

const ROOT = { what: "workspace root", flag: "--workspace-root" };

describe("a directory that the runtime is to use", () => {
	it("is made with its parents, and nothing is left in it", () => {
		const path = join(temporaryDirectory(), "a", "b", "c");
		expect(usableDirectory(path, ROOT)).toBe(realpathSync(path));
		expect(readdirSync(path)).toEqual([]);
	});

	it("may be there already, and behind a symbolic link", () => {
		const dir = temporaryDirectory();
		mkdirSync(join(dir, "real"));
		symlinkSync("real", join(dir, "link"));
		expect(usableDirectory(join(dir, "link"), ROOT)).toBe(realpathSync(join(dir, "real")));
	});

	it.each(["file", "file/below"])("is refused as %s, with the name of its own flag", (name) => {
		const dir = temporaryDirectory();
		writeFileSync(join(dir, "file"), "");
		const path = join(dir, name);
		expect(() => usableDirectory(path, ROOT)).toThrow(
			`The workspace root ${path} cannot be used: it, or a part of its path, is a file and not a directory. Choose another one with --workspace-root DIR.`,
		);
	});

	it.runIf(process.platform === "linux").each(["/proc", "/proc/none/below", "/proc/self/below"])(
		"is refused as %s, where no directory can be made",
		(path) => {
			expect(() => usableDirectory(path, ROOT)).toThrow(`The workspace root ${path} cannot be used: `);
		},
	);

	it.runIf(process.platform === "linux")("is refused when it may not be written to, not even by root", () => {
		expect(() => usableDirectory("/sys/kernel", ROOT)).toThrow(
			/^The workspace root \/sys\/kernel cannot be used: (permission is denied|it is on a read-only file system)\./,
		);
	});
});

it.runIf(process.platform === "linux")("making a directory below /proc fails, and does not go on for ever", () => {
	expect(() => makeDirectory("/proc/none/below")).toThrow("ENOENT");
	expect(existsSync("/proc/none")).toBe(false);
});
