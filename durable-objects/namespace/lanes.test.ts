import { expect, test } from "vitest";
import { Lanes } from "./lanes.ts";

test("jobs of one key run one after the other, and a failure stops none", async () => {
	const lanes = new Lanes();
	const seen: string[] = [];
	const first = Promise.withResolvers<void>();
	const a = lanes.run("k", async () => {
		seen.push("a begins");
		await first.promise;
		seen.push("a fails");
		throw new Error("a");
	});
	const b = lanes.run("k", async () => seen.push("b"));
	expect(seen).toEqual(["a begins"]);
	first.resolve();
	await expect(a).rejects.toThrow("a");
	await b;
	expect(seen).toEqual(["a begins", "a fails", "b"]);
});

test("jobs of different keys run side by side", async () => {
	const lanes = new Lanes();
	const never = Promise.withResolvers<void>();
	void lanes.run("slow", () => never.promise);
	expect(await lanes.run("fast", async () => "done")).toBe("done");
	expect([lanes.busy("slow"), lanes.busy("fast")]).toEqual([true, false]);
	never.resolve();
});

test("a lane is settled when everything in it has ended, also what came meanwhile", async () => {
	const lanes = new Lanes();
	const [one, two] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	void lanes.run("k", () => one.promise);
	let settled = false;
	const done = lanes.settled("k").then(() => {
		settled = true;
	});
	void lanes.run("k", () => two.promise);
	one.resolve();
	await one.promise;
	expect(settled).toBe(false);
	two.resolve();
	await done;
	expect(lanes.busy("k")).toBe(false);
});
