import { expect, test } from "vitest";
import { Dispatcher } from "../../durable-objects/dispatcher/dispatcher.ts";
import { Invariants } from "../../durable-objects/dispatcher/invariants.ts";
import { Ledger } from "../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../durable-objects/dispatcher/scheduler/config.ts";
import { memorySql } from "../fakes/sqlite.ts";

const TICKS = 1_000;

test(`a violation that lasts for ${TICKS} looks is reported once, with its end, and not again by a dispatcher that lost its memory`, () => {
	const sql = memorySql();
	const said: Record<string, unknown>[] = [];
	let now = 1_000;
	const boot = () => {
		const ledger = new Ledger(sql);
		const ports = { ledger, scheduler: DEFAULT_CONFIG, now: () => now, id: () => "lease", suffix: () => "x" };
		const dispatcher = new Dispatcher(ports);
		const invariants = new Invariants({ ledger, pool: dispatcher.pool, now: () => now, report: (line) => said.push(JSON.parse(line)) });
		return { dispatcher, invariants };
	};
	const offers = (cpu: number) => {
		const capacity = { cpu, memory: 1_000, slots: 4 };
		return { name: "a", uid: "a", incarnation: 1, capacity, labels: {}, version: "1", os: "linux", arch: "amd64" };
	};
	let { dispatcher, invariants } = boot();
	dispatcher.nodes.joined(offers(4));
	dispatcher.acquire({ session: "default/s", namespace: "default", requests: { cpu: 3, memory: 1 }, nodeSelector: {} });

	// The machine comes back with less than what it has promised.
	dispatcher.nodes.joined(offers(1));
	for (let tick = 1; tick <= TICKS; tick++) {
		now += 1_000;
		if (tick === TICKS / 2) ({ dispatcher, invariants } = boot());
		invariants.look();
	}
	expect(said).toMatchObject([
		{ invariant: "over-committed/a", phase: "began", message: "Node a is over-committed: 3 of 1 cores, 1 of 1000 bytes, 1 of 4 slots." },
	]);

	dispatcher.nodes.joined(offers(4));
	for (let tick = 1; tick <= TICKS; tick++) invariants.look();
	expect(said).toHaveLength(2);
	expect(said[1]).toMatchObject({ invariant: "over-committed/a", phase: "ended" });
});
