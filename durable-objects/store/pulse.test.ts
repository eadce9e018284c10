import { expect, test } from "vitest";
import { Pulse } from "./pulse.ts";

/** A store whose disk answers when it is told to. */
class Disk {
	version = 0;
	#waiting: (() => void)[] = [];
	readonly pulse = new Pulse(
		() => this.version,
		() => new Promise((resolve) => this.#waiting.push(resolve)),
	);

	commit(): void {
		this.version++;
		void this.pulse.committed();
	}

	/** The disk has everything that it was given. */
	async sync(): Promise<void> {
		await expect.poll(() => this.#waiting.length, { interval: 1 }).toBeGreaterThan(0);
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}

const signal = new AbortController().signal;

test("a change is told when it is on disk, and not before", async () => {
	const disk = new Disk();
	let told = false;
	const follower = disk.pulse.beyond(0, 60_000, signal).then(() => {
		told = true;
	});
	disk.commit();
	await Promise.resolve();
	expect([told, disk.pulse.durable]).toEqual([false, 0]);
	await disk.sync();
	await follower;
	expect(disk.pulse.durable).toBe(1);
});

test("changes that come while followers were just told are told to them together", async () => {
	const disk = new Disk();
	const first = disk.pulse.beyond(0, 60_000, signal);
	disk.commit();
	await disk.sync();
	await first;
	const seen: number[] = [];
	const second = disk.pulse.beyond(1, 60_000, signal).then(() => seen.push(disk.pulse.durable));
	for (let i = 0; i < 5; i++) disk.commit();
	await disk.sync();
	await second;
	expect(seen).toEqual([6]);
});

test("a wait ends with its time or its signal, also when nothing was written", async () => {
	const { pulse } = new Disk();
	await pulse.beyond(0, 1, signal);
	const abort = new AbortController();
	const waiting = pulse.beyond(0, 60_000, abort.signal);
	abort.abort();
	await waiting;
	await pulse.beyond(0, 60_000, abort.signal);
	expect(pulse.durable).toBe(0);
});
