import { describe, expect, it } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Lease, LeaseRequest } from "../ports.ts";
import type { Eviction, Recall } from "../session/recall.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Errands } from "./errands.ts";
import { Ledger } from "./ledger.ts";
import { DEFAULT_CONFIG } from "./scheduler/config.ts";

const request = (name: string, priority: number): LeaseRequest => ({
	...{ session: `default/${name}`, namespace: "default", requests: { cpu: 1, memory: 1 }, nodeSelector: {}, priority },
});

describe("a lease that is wanted back", () => {
	it("is asked for until its session says that it will give it, since the word of the grant may come later", async () => {
		let ids = 0;
		const dispatcher = new Dispatcher({
			...{ ledger: new Ledger(memorySql()), scheduler: DEFAULT_CONFIG, now: () => 1_000 },
			id: () => `lease-${++ids}`,
			suffix: () => "x",
		});
		const capacity = { cpu: 1, memory: 1_000, slots: 10 };
		dispatcher.nodes.joined({
			...{ name: "a", uid: "a", incarnation: 1, capacity, labels: {}, version: "1", os: "linux", arch: "x64" },
		});
		/** What the session that is to leave believes to have. */
		let held: string | undefined;
		const asked: Eviction[] = [];
		const told: Recall[] = [];
		const errands = new Errands({
			dispatcher,
			commit: (change) => change(),
			session: () => ({
				leaseGranted: async (_lease: Lease) => true,
				leaseRevoked: async () => undefined,
				nodeGone: async () => undefined,
				leaseRecalled: async (recall) => {
					const { lease } = recall;
					told.push(recall);
					asked.push(lease === held ? "recalled" : "evicted");
					return asked.at(-1) ?? "evicted";
				},
			}),
			node: () => ({ startContainer: async () => undefined, stopContainer: async () => undefined }),
			log: () => undefined,
		});

		const reply = dispatcher.acquire(request("low", 0));
		expect(dispatcher.acquire(request("high", 1))).toMatchObject({ state: "queued" });
		// The answer to the first is still on its way.
		await errands.run();
		expect(errands.pending()).toBe(true);
		held = reply.state === "granted" ? reply.lease.id : undefined;
		await errands.run();
		await errands.run();
		expect([asked, errands.pending()]).toEqual([["evicted", "recalled"], false]);
		// Who it is for may be in another namespace.
		expect(JSON.stringify([told, dispatcher.pool.ledger.lease("default/low")?.recall])).not.toContain("default/high");
		expect(told[0]).toMatchObject({ by: "system:dispatcher", reason: "preempted by a session of higher priority" });
	});
});
