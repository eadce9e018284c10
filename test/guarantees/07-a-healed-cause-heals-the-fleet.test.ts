import { expect, test } from "vitest";
import { Dispatcher } from "../../durable-objects/dispatcher/dispatcher.ts";
import { Ledger } from "../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../durable-objects/dispatcher/scheduler/config.ts";
import type { LeaseRequest } from "../../durable-objects/ports.ts";
import { World } from "../fakes/session-world.ts";
import { memorySql } from "../fakes/sqlite.ts";

const OUTAGE_MS = 300_000;
/** The longest pause of a session that was refused. */
const SESSION_PAUSE_MS = 10_000;

const bash = [{ type: "tool_call" as const, id: "c", name: "bash", arguments: '{"command":"true"}' }];
const answer = [{ type: "text" as const, text: "done" }];

test("a session whose dispatches all fail for five minutes goes on within seconds of the repair, and nothing was counted against it", async () => {
	const world = new World((messages) =>
		messages.some(({ role }) => role === "tool") ? { content: answer } : { content: bash, stopReason: "tool_calls" },
	);
	world.send({ text: "go" });
	await world.until(() => world.reactor.state.run?.calls.length === 1);
	world.outage = true;
	await world.settle(world.now + OUTAGE_MS);
	const healed = world.now;
	world.outage = false;
	await world.until(() => world.reactor.state.run === undefined);
	const tookMs = world.now - healed;
	await world.settle();
	expect(world.reports.at(-1)).toMatchObject({ run: { phase: "Succeeded", result: "done" } });
	expect(tookMs).toBeLessThanOrEqual(2 * SESSION_PAUSE_MS);
});

test("a pool whose containers all fail to start for five minutes has everybody placed after the repair, and forgets the failures", () => {
	let now = 0;
	let ids = 0;
	const id = () => {
		ids += 1;
		return String(ids);
	};
	const capacity = { cpu: 4, memory: 4_000, slots: 4 };
	const containers = { max: 4, min: 0, sleepAfterMs: 600_000, keepUnsavedForMs: 3_600_000, capacity, labels: {}, taints: [] };
	const dispatcher = new Dispatcher({
		ledger: new Ledger(memorySql()),
		scheduler: DEFAULT_CONFIG,
		containers,
		now: () => now,
		id,
		suffix: id,
	});
	const request = (n: number): LeaseRequest => ({
		...{ session: `default/s${n}`, namespace: "default", requests: { cpu: 2, memory: 1 }, nodeSelector: {} },
	});
	let starts = 0;
	const carryOut = (works: boolean) => {
		for (const { name, order } of dispatcher.pool.orders()) {
			starts += 1;
			dispatcher.containers.ordered(name, order?.kind ?? "start");
			const node = {
				name,
				uid: name,
				incarnation: 1,
				source: "container" as const,
				capacity,
				labels: {},
				version: "1",
				os: "linux",
				arch: "amd64",
			};
			if (works) dispatcher.nodes.joined(node);
			else dispatcher.containerFailed(name, { message: "There is no container instance.", final: false });
		}
	};
	for (let n = 0; n < 8; n++) dispatcher.acquire(request(n));
	for (; now < OUTAGE_MS; now = Math.max(now + 1, dispatcher.dueAt() ?? OUTAGE_MS)) {
		dispatcher.tick();
		carryOut(false);
	}
	// Later each time, and never more than four at once.
	expect(starts).toBeLessThanOrEqual(4 * 9);

	const healed = now;
	for (let round = 0; round < 10 && dispatcher.pool.ledger.queueLength() > 0; round++) {
		dispatcher.tick();
		carryOut(true);
		if (dispatcher.pool.ledger.queueLength() > 0) now = Math.max(now + 1, dispatcher.dueAt() ?? now + 1);
	}
	expect(dispatcher.pool.ledger.queueLength()).toBe(0);
	expect([...dispatcher.pool.ledger.leases()]).toHaveLength(8);
	expect(now - healed).toBeLessThanOrEqual(OUTAGE_MS);
	expect(dispatcher.containers.note(now)).not.toContain("No container could be started");
});
