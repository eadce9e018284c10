import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processStart } from "../../../containers/node/process/process-table.ts";
import { type Child, childOf, stopChild, tieToThisProcess } from "./child.ts";
import { Children, killLeftovers } from "./children.ts";

let dir: string;
const started: Child[] = [];
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "klaw-children-"));
});
afterEach(() => {
	for (const child of started.splice(0)) child.kill("SIGKILL");
	rmSync(dir, { recursive: true, force: true });
});

async function sleeper(script = "sleep 60"): Promise<Child> {
	const child = await childOf(spawn("/bin/sh", ["-c", script]));
	started.push(child);
	return child;
}

describe("what an earlier start left running", () => {
	it("is killed and named", async () => {
		const child = await sleeper();
		new Children(join(dir, "children.json")).record("workerd", child.pid, "sleep 60");
		expect(await killLeftovers(join(dir, "children.json"))).toEqual(["workerd"]);
		expect(await child.ended).toBe("SIGKILL");
		expect(await killLeftovers(join(dir, "children.json"))).toEqual([]);
	});

	it.each([
		["was started at another time", { start: "1" }],
		["runs another program", { program: "workerd" }],
	])("is left alone when the process of that id %s", async (_, difference) => {
		const child = await sleeper();
		new Children(join(dir, "children.json")).record("node", child.pid, "sleep 60");
		const [record] = JSON.parse(readFileSync(join(dir, "children.json"), "utf8"));
		writeFileSync(join(dir, "children.json"), JSON.stringify([{ ...record, ...difference }]));
		expect(await killLeftovers(join(dir, "children.json"))).toEqual([]);
		expect(processStart(child.pid)).toBe(record.start);
	});

	it("is nobody when the record cannot be read", async () => {
		writeFileSync(join(dir, "children.json"), '[{"pid": 1');
		expect(await killLeftovers(join(dir, "children.json"))).toEqual([]);
	});
});

it("a child dies with the process that started it, even when that is killed with SIGKILL", async () => {
	const program = `
		import { spawn } from "node:child_process";
		import { childOf, tieToThisProcess } from ${JSON.stringify(join(import.meta.dirname, "child.ts"))};
		const child = await childOf(spawn("sleep", ["60"], { stdio: "ignore" }));
		tieToThisProcess(child.pid);
		console.log(child.pid);
		setInterval(() => {}, 1000);
	`;
	const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
	const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
	expect(processStart(pid)).toBeDefined();
	parent.kill("SIGKILL");
	await expect.poll(() => processStart(pid), { timeout: 5_000 }).toBeUndefined();
});

it("a guard that was let go kills nobody", async () => {
	const child = await sleeper();
	tieToThisProcess(child.pid)();
	await stopChild(child, 1_000);
	expect(await child.ended).toBe("SIGTERM");
});

it("a child that does not stop when asked is killed", async () => {
	const child = await childOf(
		spawn("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"], { stdio: ["ignore", "pipe", "ignore"] }),
	);
	await new Promise((resolve) => child.process.stdout?.once("data", resolve));
	await stopChild(child, 50);
	expect(await child.ended).toBe("SIGKILL");
});
