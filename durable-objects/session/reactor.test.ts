import { describe, expect, it } from "vitest";
import { count, expectPairedTranscript, finished } from "../../test/fakes/session-record.ts";
import { agent, commands, World } from "../../test/fakes/session-world.ts";

describe("a run", () => {
	it("goes from message to tools to answer and gives its lease back", async () => {
		const world = new World(commands(["a"], ["b", "c"]));
		world.send({ text: "go" });
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Succeeded", result: "done", iterations: 3 }]);
		expect([...world.ran.values()]).toEqual([1, 1, 1]);
		expectPairedTranscript(world);
		expect(world.released).toBe(1);
		expect(world.alarmAt).toBeUndefined();
	});

	it("writes at most three rows for a step of one model call and one tool", async () => {
		const steps = 20;
		const world = new World(commands(...Array.from({ length: steps }, (_, n) => [`c${n}`])));
		world.send({ text: "go" });
		await world.settle();
		// Beside the steps: opened, accepted, started, lease granted, last model call, finished, released, five deliveries.
		expect(world.events.length).toBeLessThanOrEqual(steps * 3 + 12);
	});

	it("queues a second message until the first is answered", async () => {
		const world = new World(commands(["a"]));
		world.send({ text: "one" });
		world.send({ text: "two" });
		await world.settle();
		expect(finished(world).map(({ run, phase }) => [run, phase])).toEqual([
			["run-2", "Succeeded"],
			["run-4", "Succeeded"],
		]);
		const order = world.events.map(({ event }) => event.type).filter((type) => type.startsWith("run."));
		expect(order).toEqual(["run.started", "run.finished", "run.started", "run.finished"]);
	});

	it("answers a repeated idempotency key with the first answer and starts nothing", async () => {
		const world = new World(commands());
		const first = world.send({ text: "go", key: "same" });
		await world.settle();
		const again = world.send({ text: "something else", key: "same" });
		await world.settle();
		expect(again).toEqual({ ...first, duplicate: true });
		expect(finished(world)).toHaveLength(1);
	});

	it("waits for a node without holding anything and says what it waits for", async () => {
		const world = new World(commands(["a"]));
		world.full = true;
		world.send({ text: "go" });
		await world.settle(world.now + 120_000);
		expect(world.reports.at(-1)).toMatchObject({ phase: "Waiting", waitingFor: "0/1 nodes are available: 1 Insufficient cpu." });
		expect(count(world, "lease.queued")).toBe(1);
		world.full = false;
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Succeeded" }]);
	});

	it("renews its lease while a command runs longer than the lease lives", async () => {
		const long = JSON.stringify({ command: "make world", timeout: 3600 });
		const world = new World(() => ({
			content: [{ type: "tool_call", id: "c1", name: "bash", arguments: long }],
			stopReason: "tool_calls",
		}));
		world.finishOnNode = () => undefined;
		world.send({ text: "go" }, agent({ limits: { deadline: "2h" } }));
		await world.settle(world.now + 100_000);
		const before = world.reactor.state.lease?.expiresAt ?? 0;
		await world.settle(world.now + 170_000);
		expect(world.reactor.state.lease?.expiresAt).toBeGreaterThan(before);
	});

	it("does nothing at all while it is idle", async () => {
		const world = new World(commands(["a"]));
		world.send({ text: "go" });
		await world.settle();
		const { length } = world.events;
		world.crash();
		world.reactor.reconcile();
		await world.settle(world.now + 24 * 3_600_000);
		expect(world.events).toHaveLength(length);
		expect(world.alarmAt).toBeUndefined();
	});
});

describe("a run that cannot go on", () => {
	it.each([
		[
			"fails with the model's sentence",
			() => ({ error: "The key is wrong." }),
			{ phase: "Failed", code: "ProviderError", message: "The key is wrong." },
		],
		["fails when the answer is empty", () => ({ content: [] }), { phase: "Failed", code: "EmptyAnswer" }],
		[
			"fails, with what there was, when the answer was cut",
			() => ({ content: [{ type: "text" as const, text: "half" }], stopReason: "max_tokens" as const }),
			{ phase: "Failed", code: "OutputTruncated", result: "half" },
		],
		[
			"fails when the model refuses",
			() => ({ content: [{ type: "text" as const, text: "no" }], stopReason: "refusal" as const }),
			{ phase: "Failed", code: "Refused" },
		],
	])("%s", async (_, script, ending) => {
		const world = new World(script);
		world.send({ text: "go" });
		await world.settle();
		expect(finished(world)).toMatchObject([ending]);
	});

	it("fails at its limit of iterations, by name of the limit", async () => {
		const world = new World(commands(...Array.from({ length: 10 }, () => ["again"])));
		world.send({ text: "go" }, agent({ limits: { iterations: 3 } }));
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Failed", code: "MaxIterations", iterations: 3 }]);
		expectPairedTranscript(world);
	});

	it("fails at its deadline while a command runs, tells the node, and leaves no call without a result", async () => {
		const world = new World(commands(["sleep"]));
		world.finishOnNode = () => undefined;
		world.send({ text: "go", deadlineMs: 20_000 });
		await world.settle();
		expect(finished(world)).toMatchObject([{ phase: "Failed", code: "DeadlineExceeded" }]);
		expect(world.stopped).toHaveLength(1);
		expectPairedTranscript(world);
	});

	it("gives a silent node up with an unknown outcome and goes on", async () => {
		const world = new World(commands(["gone"]));
		world.finishOnNode = () => undefined;
		world.send({ text: "go" }, agent({ limits: { deadline: "2h" } }));
		await world.settle();
		const result = world.events.flatMap(({ event }) => (event.type === "tool.completed" ? [event.content] : []));
		expect(result).toEqual([expect.stringMatching(/^outcome unknown: node n1 does not answer/)]);
		expect(finished(world)).toMatchObject([{ phase: "Succeeded" }]);
	});

	it.each([
		["an unknown tool", "launch_rocket", "{}", /There is no tool "launch_rocket" for this agent\. The tools are: bash, read/],
		["invalid JSON", "bash", '{"command": ', /not valid JSON/],
		["a wrong type", "bash", '{"command": 7}', /command/],
		["a tool that the agent may not use", "write", '{"path":"a","content":""}', /There is no tool "write"/],
	])("tells the model what was wrong with %s, and lets it try again", async (_, name, args, sentence) => {
		const world = new World((messages) =>
			messages.length === 1
				? { content: [{ type: "tool_call", id: "c1", name, arguments: args }], stopReason: "tool_calls" }
				: { content: [{ type: "text", text: "I see" }] },
		);
		world.send({ text: "go" }, agent({ tools: ["bash", "read"] }));
		await world.settle();
		const [last] = world.reactor.state.messages.flatMap((message) => (message.role === "tool" ? message.results : []));
		expect(last).toMatchObject({ isError: true, content: expect.stringMatching(sentence) });
		expect(finished(world)).toMatchObject([{ phase: "Succeeded", result: "I see" }]);
	});
});

describe("a tool that the agent's approval denies, or that somebody is to be asked about", () => {
	it.each(["deny", "ask"])("is not there for the model: %s", async (policy) => {
		const world = new World((messages) =>
			messages.length === 1
				? { content: [{ type: "tool_call", id: "c1", name: "bash", arguments: '{"command": "id"}' }], stopReason: "tool_calls" }
				: { content: [{ type: "text", text: "I see" }] },
		);
		world.send({ text: "go" }, agent({ approval: { default: policy, tools: { read: "allow" } } }));
		await world.settle();
		const [last] = world.reactor.state.messages.flatMap((message) => (message.role === "tool" ? message.results : []));
		expect(last).toMatchObject({ isError: true, content: 'There is no tool "bash" for this agent. The tools are: read.' });
	});
});

describe("cancelling", () => {
	it("works at every instant of a run, stops its command and leaves a valid transcript", async () => {
		for (let after = 0; after < 14; after += 1) {
			const world = new World(commands(["a"], ["b"]));
			world.send({ text: "go" });
			for (let n = 0; n < after; n += 1) await world.step(0);
			const over = finished(world).length > 0;
			world.cancel("not needed");
			await world.settle();
			if (!over) expect(finished(world)).toMatchObject([{ phase: "Cancelled", message: "Cancelled by someone: not needed" }]);
			expectPairedTranscript(world);
			expect(world.reactor.state.lease).toBeUndefined();
			expect(world.alarmAt).toBeUndefined();
		}
	});

	it("drops queued messages as well, visibly", async () => {
		const world = new World(commands(["a"]));
		world.send({ text: "one" });
		world.send({ text: "two" });
		world.cancel();
		await world.settle();
		expect(finished(world).map(({ phase }) => phase)).toEqual(["Cancelled", "Cancelled"]);
	});

	it("discards what an aborted model call still returns", async () => {
		const world = new World(commands());
		world.send({ text: "go" });
		expect(world.tasks.map(({ key }) => key)).toContain("model:run-2:1:1");
		world.cancel();
		await world.settle();
		expect(world.modelCalls).toBe(1);
		expect(count(world, "model.completed")).toBe(0);
	});
});

describe("a run and its lease", () => {
	it("gives back what the dispatcher granted while it was being cancelled", async () => {
		const world = new World(commands(["a"]));
		world.send({ text: "go" });
		const asks = (task: { key: string }) => task.key.startsWith("acquire:");
		await world.until(() => world.tasks.some(asks));
		const [acquire] = world.tasks.splice(world.tasks.findIndex(asks), 1);
		world.cancel();
		// The dispatcher has granted it; its answer comes too late.
		acquire?.run();
		await world.settle();
		expect(world.leases).toBe(1);
		expect(world.released).toBe(1);
	});

	it("does not ask for a lease while it still owes one back: the late release would take the new one away", async () => {
		const world = new World((messages) => {
			const last = messages.at(-1);
			if (last?.role === "tool") return { content: [{ type: "text", text: "done" }] };
			return {
				content: [{ type: "tool_call", id: `c${messages.length}`, name: "bash", arguments: '{"command":"a"}' }],
				stopReason: "tool_calls",
			};
		});
		const gives = (task: { key: string }) => task.key.startsWith("deliver:release");
		world.send({ text: "one" });
		await world.until(() => world.tasks.some(gives));
		const late = world.tasks.splice(world.tasks.findIndex(gives), 1);
		world.send({ text: "two" });
		for (let n = 0; n < 20; n += 1) await world.step(0);
		expect(world.leases).toBe(1);
		world.tasks.push(...late);
		await world.settle();
		expect(world.leases).toBe(2);
		expect(finished(world).map(({ phase }) => phase)).toEqual(["Succeeded", "Succeeded"]);
	});

	it("does not go round in circles while the dispatcher still leases a machine that is gone", async () => {
		const read = JSON.stringify({ path: "a" });
		const world = new World(() => ({ content: [{ type: "tool_call", id: "r", name: "read", arguments: read }], stopReason: "tool_calls" }));
		const { lease } = world;
		world.lease = () => ({ ...lease.call(world), incarnation: 1 });
		world.incarnation = 2;
		world.send({ text: "go" });
		await world.settle(world.now + 60_000);
		expect(count(world, "tools.unbound")).toBeLessThan(12);
	});

	it("writes nothing more for being woken while it waits for a machine", async () => {
		const world = new World(commands(["a"]));
		world.full = true;
		world.send({ text: "go" });
		await world.settle(world.now + 10_000);
		const { length } = world.events;
		for (let n = 0; n < 50; n += 1) {
			world.crash();
			world.reactor.reconcile();
			await world.settle(world.now + 40_000);
		}
		expect(world.events).toHaveLength(length);
	});
});

describe("deleting a session", () => {
	it("cancels its run, gives back its lease, forgets its workspace and only then wipes", async () => {
		const world = new World(commands(["a"]));
		world.finishOnNode = () => undefined;
		world.send({ text: "go" });
		for (let n = 0; n < 6; n += 1) await world.step(0);
		expect(world.reactor.state.lease).toBeDefined();
		world.reactor.append([{ type: "session.closed" }]);
		world.reactor.reconcile();
		expect(world.tasks.map(({ key }) => key)).not.toContain("wipe");
		for (let n = 0; n < 20 && world.reactor.state.outbox.size > 0; n += 1) await world.step(0);
		expect(world.stopped).toHaveLength(1);
		expect(world.released).toBe(1);
		expect(world.tasks.map(({ key }) => key)).toContain("wipe");
	});
});
