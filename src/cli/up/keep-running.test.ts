import { describe, expect, it } from "vitest";
import type { Child } from "./child.ts";
import { keepRunning } from "./keep-running.ts";

function fakeChild(pid: number): Child & { end(how: string): void } {
	let end: (how: string) => void = () => undefined;
	const ended = new Promise<string>((resolve) => {
		end = resolve;
	});
	return { pid, ended, kill: (signal) => end(signal), end: (how) => end(how) };
}

/** Starts `starts` children, each of which ends by itself after `lifeMs`, and then stops. */
async function watch({ starts, lifeMs = 0, fails = false }: { starts: number; lifeMs?: number; fails?: boolean }) {
	const stop = new AbortController();
	const log: string[] = [];
	const delays: number[] = [];
	let now = 0;
	let pid = 0;
	const next = (): Child => {
		pid += 1;
		if (pid === starts) stop.abort();
		const live = () => {
			now += lifeMs;
			return Promise.resolve("exit code 1");
		};
		return {
			pid,
			kill: () => undefined,
			get ended() {
				return live();
			},
		};
	};
	const clock = {
		now: () => now,
		sleep: async (ms: number) => {
			delays.push(ms);
		},
	};
	const start = async () => {
		const child = next();
		if (fails) throw new Error("there is no workerd");
		return child;
	};
	const watched = keepRunning({ name: "workerd", first: next(), start, signal: stop.signal, log: (line) => log.push(line), clock });
	await watched.done;
	return { log, delays, current: watched.current().pid };
}

describe("keepRunning", () => {
	it("starts a process again when it ends, and says so", async () => {
		expect(await watch({ starts: 2 })).toEqual({ log: ["workerd ended (exit code 1); starting it again."], delays: [200], current: 2 });
	});

	it("waits longer while it keeps ending, up to ten seconds", async () => {
		expect((await watch({ starts: 9 })).delays).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
	});

	it("waits no longer than at first when it ran for a while", async () => {
		expect((await watch({ starts: 4, lifeMs: 30_000 })).delays).toEqual([200, 200, 200]);
	});

	it("goes on when the start itself fails, with the reason", async () => {
		expect((await watch({ starts: 4, fails: true })).log.slice(1)).toEqual([
			"workerd ended (there is no workerd); starting it again.",
			"workerd ended (there is no workerd); starting it again.",
		]);
	});

	it("neither starts anything nor says anything once it is told to stop", async () => {
		const stop = new AbortController();
		const first = fakeChild(1);
		const log: string[] = [];
		const start = () => Promise.reject(new Error("started"));
		const { done } = keepRunning({ name: "workerd", first, start, signal: stop.signal, log: (line) => log.push(line) });
		// As at a terminal, where a Ctrl-C reaches the child before this process has stopped watching it.
		first.end("SIGINT");
		await first.ended;
		stop.abort();
		await done;
		expect(log).toEqual([]);
	});
});
