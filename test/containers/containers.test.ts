import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Klaw, until } from "../e2e/klaw-process.ts";
import {
	containersOf,
	inContainer,
	killContainer,
	killWorkerd,
	klawWithContainers,
	leftOf,
	pauseContainer,
	type RunningContainer,
} from "./engine.ts";

/** Waits for a file in the workspace of whatever session has it, and returns the container. */
async function begun(klaw: Klaw, file: string): Promise<RunningContainer> {
	let found: RunningContainer | undefined;
	await until(async () => {
		for (const container of await containersOf(klaw))
			if ((await inContainer(container.id, `cat /data/workspaces/*/${file}`)) !== "") found = container;
		return found !== undefined;
	}, 60_000);
	if (!found) throw new Error("unreachable");
	return found;
}

describe("klaw up --containers", () => {
	let klaw: Klaw;
	beforeAll(async () => {
		klaw = await klawWithContainers();
	});
	afterAll(() => klaw?.stop().then(() => klaw.remove()));

	it("runs a task's tools in a container, which is a node like any other", async () => {
		expect(await containersOf(klaw)).toEqual([]);
		const names = ["first", "second"];
		for (const name of names)
			await klaw.createTask(name, { agent: "default", prompt: "$ uname -s; id -u > who.txt; hostname\nread who.txt" });
		const ends = await Promise.all(names.map((name) => klaw.taskEnd(name)));
		for (const { phase, result } of ends)
			expect({ phase, result }).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("Linux") });
		// A user for each: neither root nor one that the image has.
		const users = ends.map(({ result }) => Number(/^ +1\t(\d+)$/m.exec(result)?.[1]));
		for (const user of users) expect(user).toBeGreaterThan(65_535);
		expect(new Set(users).size).toBe(2);
		const containers = await containersOf(klaw);
		const nodes = (await klaw.api("GET", "/api/v1/nodes")).body.items;
		expect(containers).toHaveLength(1);
		expect(nodes.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(containers.map(({ node }) => node));
	});

	it("a container that is killed in mid-command: the task succeeds, and its files are what its finished calls left", async () => {
		const prompt = "$ echo one > kept.txt\n$ echo half > lost.txt; sleep 300\n$ cat kept.txt; ls";
		await klaw.createTask("killed", { agent: "default", prompt });
		const container = await begun(klaw, "lost.txt");
		await killContainer(container.id);
		const { phase, result } = await klaw.taskEnd("killed");
		expect(phase).toBe("Succeeded");
		expect(result).toContain("outcome unknown");
		expect(result).toMatch(/\none\nkept\.txt$/);
		expect((await containersOf(klaw)).map(({ id }) => id)).not.toContain(container.id);
	});

	it("workerd that is killed in mid-command finds the container again: the command goes on, and its result arrives", async () => {
		await klaw.createTask("orphan", {
			agent: "default",
			prompt: "$ echo begun >> marks.txt; sleep 4; echo ended >> marks.txt; echo all done\nread marks.txt",
		});
		const container = await begun(klaw, "marks.txt");
		await killWorkerd(klaw);
		const { phase, result } = await klaw.taskEnd("orphan");
		expect({ phase, result }).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("all done") });
		expect(result).not.toContain("unknown");
		expect(result.match(/begun/g)).toHaveLength(2);
		expect((await containersOf(klaw)).map(({ id }) => id)).toContain(container.id);
	});

	it("leaves no container behind when it stops, and removes those that a kill left behind", async () => {
		await klaw.kill();
		expect((await leftOf(klaw.data)).length).toBeGreaterThan(0);
		await klaw.start();
		expect(await leftOf(klaw.data)).toEqual([]);
		await klaw.createTask("again", { agent: "default", prompt: "$ echo again" });
		expect(await klaw.taskEnd("again")).toMatchObject({ phase: "Succeeded" });
		await klaw.stop();
		expect(await leftOf(klaw.data)).toEqual([]);
	});
});

describe("the pool of containers", () => {
	let klaw: Klaw;
	beforeAll(async () => {
		klaw = await klawWithContainers({ sleepAfter: "3s", instance: { slots: 1 } });
	});
	afterAll(() => klaw?.stop().then(() => klaw.remove()));

	it("gets a second one when the first is full, and falls back to none when nobody needs them", async () => {
		const prompt = "$ echo here > here.txt; while [ ! -e /tmp/go ]; do sleep 0.1; done; hostname";
		for (const name of ["one", "two"]) await klaw.createTask(name, { agent: "default", prompt });
		let both: RunningContainer[] = [];
		await until(async () => {
			both = await containersOf(klaw);
			const here = await Promise.all(both.map(({ id }) => inContainer(id, "cat /data/workspaces/*/here.txt")));
			return here.filter((text) => text === "here\n").length === 2;
		}, 60_000);
		for (const { id } of both) await inContainer(id, "touch /tmp/go");
		for (const name of ["one", "two"]) expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded" });
		await until(async () => (await containersOf(klaw)).length === 0, 60_000);
		await until(async () => (await klaw.api("GET", "/api/v1/nodes")).body.items.length === 0, 10_000);
	});

	it("replaces one that is alive and deaf", { timeout: 150_000 }, async () => {
		const prompt = "$ echo kept > kept.txt\n$ echo here > here.txt; sleep 600\n$ cat kept.txt";
		await klaw.createTask("deaf", { agent: "default", prompt });
		const container = await begun(klaw, "here.txt");
		await pauseContainer(container.id);
		const { phase, result } = await klaw.taskEnd("deaf", 120_000);
		expect(phase).toBe("Succeeded");
		expect(result).toContain("outcome unknown");
		expect(result).toMatch(/\nkept$/);
		expect((await containersOf(klaw)).map(({ node }) => node)).not.toContain(container.node);
	});
});
