import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Klaw, lines, NAMESPACE, until } from "./klaw-process.ts";
import { journal } from "./session-events.ts";

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

/** The agent runs these commands in a session that it has or gets. */
async function work(session: string, ...commands: string[]): Promise<void> {
	await klaw.cli(["create", "-f", "-"], JSON.stringify({ apiVersion: "klaw.sh/v1", kind: "Session", metadata: { name: session } }));
	const prompt = commands.map((command) => `$ ${command}`).join("\n");
	expect(await klaw.cli(["dispatch", "--session", session, "--wait", prompt])).toMatchObject({ code: 0 });
}

const exec = async (session: string, script: string) => (await klaw.cli(["exec", session, "--", "sh", "-c", script])).stdout;

async function names(session: string): Promise<string[]> {
	const { stdout } = await klaw.cli(["checkpoint", "list", session, "-o", "jsonpath={.items[*].metadata.name}"]);
	return stdout.split(" ").filter((name) => name !== "");
}

it("each call that changes a file makes a checkpoint, and restore goes back to any, files that came later and all", async () => {
	await work("rewound", "echo 1 > a", "echo 2 > a; echo b > b", "true");
	const [first = "", second = "", ...more] = await names("rewound");
	expect(more).toEqual([]);
	expect(await klaw.cli(["checkpoint", "restore", "rewound", first.slice(0, 6)])).toEqual({
		code: 0,
		stdout: `session.klaw.sh/rewound restored to checkpoint ${first}\n`,
		stderr: "",
	});
	expect(await exec("rewound", "ls; cat a")).toBe("a\n1\n");
	await klaw.cli(["checkpoint", "restore", "rewound", second]);
	expect(await exec("rewound", "ls; cat a b")).toBe("a\nb\n2\nb\n");
	const { stdout } = await klaw.cli(["checkpoint", "list", "rewound"]);
	expect(stdout).toMatch(new RegExp(`^NAME +CURRENT +TOOL +FILES +SIZE +STORED +AGE\n${first} +bash .*\n${second} +\\* +bash .*\n$`));
});

it("checkpoints and their contents are there after everything was killed", async () => {
	await work("killed", "echo kept > f", "echo later > f");
	const [first = ""] = await names("killed");
	await klaw.kill();
	await klaw.start();
	expect((await names("killed"))[0]).toBe(first);
	await klaw.cli(["checkpoint", "restore", "killed", first]);
	expect(await exec("killed", "cat f")).toBe("kept\n");
});

it("cp copies files and directories both ways, and what was copied in is in a checkpoint", async () => {
	await work("copied", "echo begun > begun");
	const tree = join(klaw.dir, "tree");
	await mkdir(join(tree, "deep/empty"), { recursive: true });
	const bytes = Buffer.from(Uint8Array.from({ length: 2_000_000 }, (_, index) => (index * 7) % 251));
	await writeFile(join(tree, "deep/data"), bytes);
	await symlink("deep/data", join(tree, "link"));
	const before = await names("copied");
	expect(await klaw.cli(["cp", "tree", "copied:in"])).toEqual({ code: 0, stdout: "", stderr: "" });
	expect(await klaw.cli(["cp", "default/copied:in", "out"])).toEqual({ code: 0, stdout: "", stderr: "" });
	expect(Buffer.compare(await readFile(join(klaw.dir, "out/link")), bytes)).toBe(0);
	expect((await readdir(join(klaw.dir, "out"), { recursive: true })).sort()).toEqual(["deep", "deep/data", "deep/empty", "link"]);
	await until(async () => (await names("copied")).length > before.length, 10_000);
	expect(await klaw.cli(["cp", "copied:in/nothing", "x"])).toEqual({
		code: 1,
		stdout: "",
		stderr: "error: ./in/nothing: No such file or directory\n",
	});
});

it("exec ends with the command's exit code, and gives it its input", async () => {
	await work("run", "true");
	expect(await klaw.cli(["exec", "run", "--", "sh", "-c", "exit 5"])).toMatchObject({
		code: 5,
		stderr: "command terminated with exit code 5\n",
	});
	expect(await klaw.cli(["exec", "-i", "run", "--", "wc", "-c"], "x".repeat(200_000))).toEqual({ code: 0, stdout: "200000\n", stderr: "" });
});

it("what was stored of a session is gone when the session is, and nothing of others", async () => {
	await work("deleted", "echo x > x");
	await work("stays", "echo x > x");
	const stored = () => readdir(join(klaw.data, "checkpoints/default/default"));
	expect((await stored()).some((name) => name.startsWith("deleted."))).toBe(true);
	await klaw.cli(["delete", "session", "deleted"]);
	await until(async () => (await stored()).every((name) => !name.startsWith("deleted.")), 10_000);
	expect((await stored()).some((name) => name.startsWith("stays."))).toBe(true);
});

it("a workspace whose machine lost its disk is on the next one as its last call left it", async () => {
	await work("moved", "mkdir -p d/empty; echo kept > d/f; chmod 700 d/f; ln -s d/f link");
	await klaw.kill();
	await rm(join(klaw.data, "node"), { recursive: true });
	await klaw.start();
	// Without its disk it is another machine, which gets the name when the old one is given up.
	await klaw.cli(["delete", "node", "local"]);
	await until(async () => (await exec("moved", "cat link; stat -c %a d/f; ls d")) === "kept\n700\nempty\nf\n", 60_000);
});

it("a call whose checkpoint the store does not take has no result until it does, its session says why, and nothing runs twice", async () => {
	await work("first", "echo x > x");
	const [store, aside] = [join(klaw.data, "checkpoints/default/default"), join(klaw.dir, "aside")];
	const effects = join(klaw.dir, "effects");
	await rename(store, aside);
	await writeFile(store, "No directory, so that nothing can be put below it.");
	await klaw.createTask("waits", { agent: "default", prompt: `$ echo kept > kept; echo ran >> ${effects}\n$ cat kept` });
	const session = async () => (await klaw.api("GET", `${NAMESPACE}/sessions/waits`)).body.status;
	const completed = async () => (await journal(klaw, "waits")).filter(({ event }) => event.type === "tool.completed");
	await until(async () => (await session())?.phase === "Waiting", 30_000);
	expect((await session()).waitingFor).toMatch(/store/);
	expect((await klaw.cli(["get", "session", "waits", "-o", "wide"])).stdout).toMatch(/^waits .* Waiting .*store/m);
	expect([await completed(), await lines(effects)]).toEqual([[], ["ran"]]);

	await klaw.kill();
	await klaw.start();
	await until(async () => (await session())?.phase === "Waiting", 30_000);
	expect([await completed(), await lines(effects)]).toEqual([[], ["ran"]]);

	await rm(store);
	await rename(aside, store);
	expect(await klaw.taskEnd("waits", 60_000)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("\nkept") });
	expect(await lines(effects)).toEqual(["ran"]);
	const [first] = await completed();
	expect(first?.event).toMatchObject({ checkpoint: { name: expect.stringMatching(`^${(await names("waits"))[0]}`) } });
});
