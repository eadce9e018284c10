import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestExecServer } from "../exec/test-exec-server.ts";
import { runKlaw } from "../test-io.ts";

let server: TestExecServer;
let root: string;
let workspace: string;
let here: string;
beforeEach(async () => {
	root = mkdtempSync(join(tmpdir(), "klaw-cp-"));
	workspace = join(root, "workspace");
	here = join(root, "here");
	for (const directory of [workspace, here]) mkdirSync(directory);
	server = new TestExecServer();
	server.workspaces.set("s", workspace);
	await server.start();
});
afterEach(() => {
	server.stop();
	rmSync(root, { recursive: true, force: true });
});

const cp = (...argv: string[]) => runKlaw([...server.flags, "cp", ...argv], { cwd: here });
const fine = { code: 0, stdout: "", stderr: "" };
const text = (...path: string[]) => readFileSync(join(...path), "utf8");

/** A tree with everything that a workspace can have. */
function plant(directory: string): void {
	mkdirSync(join(directory, "a/deep"), { recursive: true });
	mkdirSync(join(directory, "empty"));
	writeFileSync(join(directory, "a/deep/file"), "deep");
	writeFileSync(join(directory, "nothing"), "");
	writeFileSync(join(directory, "with space and ' and \n"), "odd");
	writeFileSync(join(directory, `${"long-".repeat(40)}name`), "long");
	writeFileSync(join(directory, "-rf"), "dashes");
	writeFileSync(join(directory, "run.sh"), "#!/bin/sh\n");
	chmodSync(join(directory, "run.sh"), 0o755);
	symlinkSync("a/deep/file", join(directory, "link"));
}

function expectPlanted(directory: string): void {
	expect(readdirSync(directory).sort()).toEqual(
		["-rf", "a", "empty", "link", `${"long-".repeat(40)}name`, "nothing", "run.sh", "with space and ' and \n"].sort(),
	);
	expect(text(directory, "a/deep/file")).toBe("deep");
	expect(text(directory, "nothing")).toBe("");
	expect(text(directory, "with space and ' and \n")).toBe("odd");
	expect(text(directory, "-rf")).toBe("dashes");
	expect(statSync(join(directory, "run.sh")).mode & 0o111).toBe(0o111);
	expect(statSync(join(directory, "a/deep/file")).mode & 0o111).toBe(0);
	expect(readlinkSync(join(directory, "link"))).toBe("a/deep/file");
	expect(readdirSync(join(directory, "empty"))).toEqual([]);
}

describe("klaw cp", () => {
	it("copies a file in and out again, byte for byte, with its permission to be executed", async () => {
		const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) % 256);
		writeFileSync(join(here, "tool"), bytes, { mode: 0o755 });
		expect(await cp("tool", "s:bin/tool")).toEqual(fine);
		expect(statSync(join(workspace, "bin/tool")).mode & 0o777).toBe(0o755);
		expect(await cp("s:bin/tool", "back")).toEqual(fine);
		expect(Buffer.compare(readFileSync(join(here, "back")), bytes)).toBe(0);
		expect(statSync(join(here, "back")).mode & 0o777).toBe(0o755);
		expect([readdirSync(join(workspace, "bin")), readdirSync(here).sort()]).toEqual([["tool"], ["back", "tool"]]);
	});

	it("copies a directory in and out again, with all that it can have", async () => {
		mkdirSync(join(here, "tree"));
		plant(join(here, "tree"));
		expect(await cp("tree", "s:copied")).toEqual(fine);
		expectPlanted(join(workspace, "copied"));
		expect(await cp("s:copied", "back")).toEqual(fine);
		expectPlanted(join(here, "back"));
	});

	it("copies more than the server keeps of a command's input", async () => {
		writeFileSync(join(here, "large"), Buffer.alloc(40 * 2 ** 20, 7));
		expect(await cp("large", "s:large")).toEqual(fine);
		expect(statSync(join(workspace, "large")).size).toBe(40 * 2 ** 20);
	});

	it("puts things into directories that are there, under their own names", async () => {
		for (const directory of [join(workspace, "d"), join(here, "d"), join(here, "tree")]) mkdirSync(directory);
		writeFileSync(join(here, "tree/f"), "f");
		writeFileSync(join(here, "file"), "file");
		expect(await cp("file", "s:d")).toEqual(fine);
		expect(await cp("tree", "s:d")).toEqual(fine);
		expect(await cp("tree/.", "s:d")).toEqual(fine);
		expect(readdirSync(join(workspace, "d")).sort()).toEqual(["f", "file", "tree"]);
		expect(await cp("s:d/tree", "d")).toEqual(fine);
		expect(await cp("s:d/file", "d")).toEqual(fine);
		expect(readdirSync(join(here, "d")).sort()).toEqual(["file", "tree"]);
	});

	it("copies the whole workspace with a dot", async () => {
		writeFileSync(join(workspace, "f"), "f");
		expect(await cp("s:.", "all")).toEqual(fine);
		expect(readdirSync(join(here, "all"))).toEqual(["f"]);
	});

	it("overwrites files", async () => {
		writeFileSync(join(here, "f"), "new");
		writeFileSync(join(workspace, "f"), "older and longer");
		expect(await cp("f", "s:f")).toEqual(fine);
		expect(text(workspace, "f")).toBe("new");
		writeFileSync(join(workspace, "f"), "newest");
		expect(await cp("s:f", "f")).toEqual(fine);
		expect(text(here, "f")).toBe("newest");
	});

	it("asks in the namespace that stands before the session's name", async () => {
		writeFileSync(join(here, "f"), "f");
		await cp("f", "team-a/s:f");
		expect(server.asked).toEqual(["/api/v1/namespaces/team-a/pods/s/exec"]);
	});

	it.each([
		[["a"], "error: source and destination are required"],
		[["a", "b"], "error: one of src or dest must be a remote file specification"],
		[["s:a", "s:b"], "error: one of src or dest must be a local file specification"],
		[["a", "s:"], "error: filepath can not be empty"],
		[["a", ":b"], "error: filespec must match the canonical format: [[namespace/]pod:]file/path"],
		[["a", "x/y/z:b"], "error: filespec must match the canonical format: [[namespace/]pod:]file/path"],
		[["missing", "s:b"], "error: missing doesn't exist in local filesystem"],
		[["s:missing", "b"], "error: ./missing: No such file or directory"],
		[["s:../b", "b"], 'error: "../b" is not in the workspace.'],
		[["s:a/../../b", "b"], 'error: "a/../../b" is not in the workspace.'],
		[["s:/etc/passwd", "b"], 'error: "/etc/passwd" is not in the workspace.'],
		[["s:/etc/passwd", "b"], "give a path relative to it"],
		[["ghost:a", "b"], 'Error from server (NotFound): pods "ghost" not found'],
	])("%j is refused", async (words, message) => {
		expect(await cp(...words)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
		expect(readdirSync(here)).toEqual([]);
	});

	it("takes what begins with a slash or ./ for a local path, colon or not", async () => {
		writeFileSync(join(here, "a:b"), "colon");
		expect(await cp("./a:b", "s:f")).toEqual(fine);
		expect(await cp(join(here, "a:b"), "s:g")).toEqual(fine);
		expect([text(workspace, "f"), text(workspace, "g")]).toEqual(["colon", "colon"]);
	});

	it("says what tar or the shell said when the workspace cannot take it, and leaves nothing behind", async () => {
		mkdirSync(join(workspace, "f"));
		mkdirSync(join(workspace, "f/f"));
		writeFileSync(join(here, "f"), "file");
		expect(await cp("f", "s:f")).toMatchObject({ code: 1, stderr: expect.stringContaining("a file cannot take its place") });
		expect(readdirSync(join(workspace, "f"))).toEqual(["f"]);
	});

	it.each(["file", "."])("passes on what is said of a copy that was made (%s)", async (from) => {
		writeFileSync(join(here, "file"), "x");
		const remark = "klaw: The workspace is over its ceiling.\n";
		server.breakAfter = (socket) => socket.send(Buffer.concat([Buffer.of(2), Buffer.from(remark)]));
		expect(await cp(from, "s:.")).toEqual({ ...fine, stderr: remark });
		expect(text(workspace, "file")).toBe("x");
	});

	it("leaves no half of a file when the connection ends in the middle", async () => {
		writeFileSync(join(workspace, "large"), Buffer.alloc(20 * 2 ** 20, 1));
		server.breakAfter = (socket, child) => child.stdout?.once("data", () => socket.terminate());
		expect(await cp("s:large", "large")).toMatchObject({ code: 1, stderr: expect.stringContaining("ended before the command did") });
		expect(readdirSync(here)).toEqual([]);
	});

	it("makes no links that lead out of the copied directory, and says so", async () => {
		mkdirSync(join(workspace, "d"));
		symlinkSync("/etc/passwd", join(workspace, "d/absolute"));
		symlinkSync("../../x", join(workspace, "d/relative"));
		symlinkSync("../d", join(workspace, "d/itself"));
		const { code, stderr } = await cp("s:d", "d");
		expect(code).toBe(0);
		expect(stderr.split("\n").filter(Boolean).sort()).toEqual([
			'warning: skipping "./absolute": its target "/etc/passwd" is not in the copied directory',
			'warning: skipping "./relative": its target "../../x" is not in the copied directory',
		]);
		expect(readdirSync(join(here, "d"))).toEqual(["itself"]);
	});

	it("writes nothing through a link that was there before", async () => {
		mkdirSync(join(workspace, "d/sub"), { recursive: true });
		writeFileSync(join(workspace, "d/sub/f"), "f");
		const outside = join(root, "outside");
		mkdirSync(outside);
		mkdirSync(join(here, "out"));
		mkdirSync(join(here, "out/d"));
		symlinkSync(outside, join(here, "out/d/sub"));
		const { code } = await cp("s:d", "out");
		// Its own directory of that name takes the place of the link.
		expect(code).toBe(0);
		expect(readdirSync(outside)).toEqual([]);
		expect(lstatSync(join(here, "out/d/sub")).isDirectory()).toBe(true);
		expect(existsSync(join(here, "out/d/sub/f"))).toBe(true);
	});
});
