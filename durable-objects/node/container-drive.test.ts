import { expect, it, onTestFinished, vi } from "vitest";
import { nodeSecretHash } from "../../src/api/tokens/node-secret.ts";
import { MemoryWorld } from "../../test/node-link/memory-world.ts";
import type { Drive, Look } from "../container/drive.ts";
import { ContainerDrive, type NodeContainer } from "./container-drive.ts";

const order = { name: "node-1", capacity: { cpu: 1, memory: 2 ** 30, slots: 1 }, labels: {} };

/** A drive over a container that does as it is told, with a clock that is turned by hand. */
async function world() {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	onTestFinished(() => void vi.useRealTimers());
	const { storage, machine, reports, heard } = new MemoryWorld();
	const clock = { now: 1_000_000 };
	const alarms: { drive: boolean; reports: number }[] = [];
	const asked: string[] = [];
	const container = {
		/** Whether the deployment has containers. */
		bound: true,
		looks: { running: true } as Look,
		begin: async (): Promise<string | undefined> => undefined,
		destroy: async (): Promise<void> => undefined,
	};
	const target: NodeContainer = {
		begin: (keySha256) => {
			asked.push(`begin ${keySha256}`);
			return container.begin();
		},
		look: async () => container.looks,
		end: async () => false,
		destroy: () => {
			asked.push("destroy");
			return container.destroy();
		},
		fetch: async () => new Response("no link", { status: 503 }),
	};
	const drive = new ContainerDrive({
		...{
			name: "node-1",
			storage,
			machine,
			reports,
			container: () => (container.bound ? target : undefined),
			newKey: () => "key",
			now: () => clock.now,
		},
		rearm: () => alarms.push({ drive: storage.drive() !== undefined, reports: storage.reports().length }),
	});
	return { drive, storage, clock, alarms, asked, container, heard };
}

/** One whose machine was admitted. */
async function up() {
	const all = await world();
	const facts = { uid: "u", version: "1", os: "linux", arch: "x64", addresses: [], taints: [] };
	all.storage.put({ ...facts, ...order, source: "container", incarnation: 4 });
	all.storage.putDrive({ phase: "up", order, key: "key", uid: "u", at: all.clock.now });
	return all;
}

it("a container is told the hash of what opens its link, and not that itself", async () => {
	const { drive, storage, asked } = await world();
	drive.order(order);
	vi.spyOn(console, "warn").mockReturnValue();
	await drive.drive();
	expect(storage.drive()).toMatchObject({ phase: "booting", key: "key" });
	expect(asked).toEqual([`begin ${nodeSecretHash("key")}`]);
});

it("what has come of a container is kept, and has its alarm, before it is waited for to be destroyed", async () => {
	const { drive, storage, alarms, asked, container } = await up();
	container.looks = { running: false };
	container.destroy = () => new Promise(() => undefined);
	vi.spyOn(console, "warn").mockReturnValue();
	const driven = drive.drive();
	await vi.waitFor(() => expect(asked).toContain("destroy"));
	expect(storage.drive()).toBeUndefined();
	expect(storage.reports().map(({ report }) => report)).toEqual([{ type: "replaced", incarnation: 4 }]);
	expect(alarms.at(-1)).toEqual({ drive: false, reports: 1 });
	await vi.advanceTimersByTimeAsync(10_000);
	await driven;
	expect(storage.reports()).toEqual([]);
});

it("a start that has failed for good is reported before what is left of it is destroyed", async () => {
	const { drive, storage, clock, asked, container } = await world();
	storage.putDrive({ phase: "booting", order, key: "key", failures: 2, since: clock.now, at: clock.now });
	container.looks = { running: true, failure: "The data directory cannot be used." };
	container.destroy = () => new Promise(() => undefined);
	vi.spyOn(console, "warn").mockReturnValue();
	const driven = drive.drive();
	await vi.waitFor(() => expect(asked).toContain("destroy"));
	expect(storage.reports().map(({ report }) => report)).toEqual([
		expect.objectContaining({ type: "failed", message: "The data directory cannot be used." }),
	]);
	await vi.advanceTimersByTimeAsync(10_000);
	await driven;
});

it("a container that is to be gone, and is, is reported as such", async () => {
	const { drive, storage, alarms } = await up();
	storage.putDrive(undefined);
	drive.gone();
	expect(storage.reports().map(({ report }) => report)).toEqual([{ type: "replaced", incarnation: 4 }]);
	expect(alarms).toEqual([{ drive: false, reports: 1 }]);
});

it.each<[string, Drive, { type: string }[]]>([
	["to start", { phase: "starting", order, key: "key", failures: 0, at: 0 }, [{ type: "failed" }]],
	["starting", { phase: "booting", order, key: "key", failures: 0, since: 0, at: 0 }, [{ type: "failed" }]],
	["up", { phase: "up", order, key: "key", uid: "u", at: 0 }, [{ type: "replaced" }]],
	["to be gone", { phase: "stopping", order, key: "key", since: 0, at: 0 }, []],
	["to be gone and to start anew", { phase: "stopping", order, key: "key", since: 0, at: 0, next: order }, [{ type: "failed" }]],
])("a container that was %s when its deployment lost all containers is given up, and no alarm remains", async (_, before, told) => {
	const { drive, storage, container, heard } = await up();
	container.bound = false;
	storage.putDrive(before);
	await drive.drive();
	expect(storage.drive()).toBeUndefined();
	expect(drive.dueAt()).toBeUndefined();
	expect(await heard()).toMatchObject(told);
});

it("a container that ended before its machine was admitted is a start that has failed", async () => {
	const { drive, storage, clock, container, heard } = await world();
	storage.putDrive({ phase: "up", order, key: "key", uid: "u", at: clock.now });
	container.looks = { running: false };
	await drive.drive();
	expect(storage.drive()).toBeUndefined();
	expect(await heard()).toMatchObject([{ who: "dispatcher", type: "failed" }]);
});

it("a step that fails in a way that nobody foresaw is tried again, and not at once", async () => {
	const { drive, storage, clock, asked, container } = await world();
	const error = vi.spyOn(console, "error").mockReturnValue();
	onTestFinished(() => error.mockRestore());
	container.begin = () => {
		throw new TypeError("begin is not a function");
	};
	drive.order(order);
	await drive.drive();
	await drive.drive();
	expect(asked).toHaveLength(1);
	clock.now = drive.dueAt() ?? 0;
	container.begin = async () => undefined;
	await drive.drive();
	expect(asked).toHaveLength(2);
	expect(storage.drive()).toMatchObject({ phase: "booting" });
});
