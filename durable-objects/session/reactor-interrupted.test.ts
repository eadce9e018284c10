import { describe, expect, it } from "vitest";
import { seededRandom } from "../../test/fakes/random.ts";
import { count, expectPairedTranscript, finished } from "../../test/fakes/session-record.ts";
import { agent, commands, World } from "../../test/fakes/session-world.ts";

describe("power cuts", () => {
	it("lose nothing and repeat nothing, wherever they fall (300 random runs)", { timeout: 60_000 }, async () => {
		for (let seed = 1; seed <= 300; seed += 1) {
			const random = seededRandom(seed);
			const world = new World(commands(["a", "b"], ["c"], ["d", "e", "f"]));
			world.send({ text: "go" });
			let crashes = 0;
			for (let n = 0; n < 2_000 && finished(world).length === 0; n += 1) {
				const dice = random();
				if (dice < 0.15 && crashes < 40) {
					world.crash();
					crashes += 1;
				} else if (dice < 0.5 && world.tasks.length > 0) await world.step(Math.floor(random() * world.tasks.length));
				else {
					world.now += Math.floor(random() * 4_000);
					world.ring();
					world.finishOnNode();
				}
			}
			await world.settle();
			expect(finished(world), `seed ${seed}`).toMatchObject([{ phase: "Succeeded", result: "done" }]);
			expect([...world.ran.values()], `seed ${seed}`).toEqual([1, 1, 1, 1, 1, 1]);
			expectPairedTranscript(world);
			expect(world.reports.filter(({ run }) => run.phase === "Succeeded").length, `seed ${seed}`).toBeGreaterThan(0);
		}
	});

	it("leave an alarm armed at every instant of a run", async () => {
		const world = new World(commands(["a"], ["b"]));
		world.send({ text: "go" });
		while (finished(world).length === 0) {
			expect(world.alarmAt).toBeDefined();
			await world.step(0);
		}
	});

	it("give each new drive a higher fence", async () => {
		const world = new World(commands(["a"]));
		world.send({ text: "go" });
		const fences = [world.reactor.state.fence];
		for (let n = 0; n < 3; n += 1) {
			world.crash();
			world.reactor.reconcile();
			fences.push(world.reactor.state.fence);
		}
		expect(fences).toEqual([1, 2, 3, 4]);
	});
});

describe("outages", () => {
	it("do not consume the retries of a model call", async () => {
		let failures = 0;
		const world = new World(() => {
			failures += 1;
			return failures <= 3 ? { error: "overloaded", retryInMs: 1_000 } : { content: [{ type: "text", text: "done" }] };
		});
		world.send({ text: "go" });
		world.outage = true;
		await world.settle(world.now + 30_000);
		expect(world.modelCalls).toBe(0);
		world.outage = false;
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Succeeded" }]);
		expect(count(world, "model.failed")).toBe(3);
	});

	it("of storage in the middle of a write keep nothing of it, and the session goes on", async () => {
		const world = new World(commands(["a"]));
		const { exec } = world.sql;
		let broken = true;
		world.sql.exec = (query, ...bindings) => {
			if (broken && query.startsWith("INSERT INTO journal") && bindings[0] === 2) {
				broken = false;
				throw new Error("disk I/O error");
			}
			return exec(query, ...bindings);
		};
		expect(() => world.send({ text: "go" })).toThrow("disk I/O error");
		expect(world.events).toEqual([]);
		world.send({ text: "go" });
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Succeeded" }]);
	});

	it("of storage are waited out", async () => {
		const world = new World(commands(["a"]));
		world.send({ text: "go" });
		world.crash();
		world.diskDead = true;
		const { length } = world.events;
		await world.settle(world.now + 30_000);
		expect(world.events).toHaveLength(length);
		world.diskDead = false;
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Succeeded" }]);
		expect([...world.ran.values()]).toEqual([1]);
		expect(count(world, "model.failed")).toBe(0);
	});
});

describe("a machine that was replaced", () => {
	async function replacedDuring(name: string, args: Record<string, unknown>): Promise<World> {
		const world = new World((messages) =>
			messages.length === 1
				? { content: [{ type: "tool_call", id: "c1", name, arguments: JSON.stringify(args) }], stopReason: "tool_calls" }
				: { content: [{ type: "text", text: "done" }] },
		);
		const { finishOnNode } = world;
		world.finishOnNode = () => undefined;
		world.send({ text: "go" });
		await world.until(() => world.ran.size === 1);
		world.incarnation = 2;
		world.finishOnNode = finishOnNode;
		world.reactor.poke("node-call");
		await world.settle();
		return world;
	}
	const result = (world: World) => world.reactor.state.messages.flatMap((message) => (message.role === "tool" ? message.results : []))[0];

	it("does not get a command again: its outcome is unknown", async () => {
		const world = await replacedDuring("bash", { command: "make" });
		expect(result(world)).toMatchObject({
			isError: true,
			content: expect.stringMatching(/^outcome unknown: node n1 was lost, or replaced/),
		});
		expect([...world.ran.values()]).toEqual([1]);
		expect(finished(world)).toMatchObject([{ phase: "Succeeded" }]);
	});

	it("gets a read again, under a new lease, and the model is told that the files are gone", async () => {
		const world = await replacedDuring("read", { path: "a" });
		expect(result(world)).toMatchObject({ isError: false, content: expect.stringMatching(/empty workspace\.\]\nran/) });
		expect(world.leases).toBe(2);
	});
});

describe("a long absence", () => {
	it("does not turn a command that ended meanwhile into an unknown outcome", async () => {
		const world = new World(commands(["a"]));
		const { finishOnNode } = world;
		world.finishOnNode = () => undefined;
		world.send({ text: "go" }, agent({ limits: { deadline: "24h" } }));
		while (world.ran.size === 0) await world.step(0);
		world.crash();
		world.now += 8 * 3_600_000;
		world.finishOnNode = finishOnNode;
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Succeeded" }]);
		expect(world.events.flatMap(({ event }) => (event.type === "tool.completed" ? [event.isError] : []))).toEqual([false]);
	});
});
