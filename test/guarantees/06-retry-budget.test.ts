import { expect, it } from "vitest";
import { World } from "../fakes/session-world.ts";

it("the retry budget is not consumed by an outage: storage away for 30 s during recovery, killed every second", async () => {
	const world = new World((_, { modelCalls }) =>
		modelCalls <= 3 ? { error: "The provider is overloaded.", retryInMs: 1_000 } : { content: [{ type: "text", text: "done" }] },
	);
	world.send({ text: "go" });
	// Two of three retries are spent on the provider's own failures.
	await world.until(() => world.modelCalls === 2);
	world.diskDead = true;
	for (let second = 0; second < 30; second += 1) {
		world.crash();
		world.now += 1_000;
		world.reactor.alarm();
		while (world.tasks.length > 0) await world.step(0);
	}
	world.diskDead = false;
	await world.settle();
	const failures = world.events.flatMap(({ event }) => (event.type === "model.failed" ? [event.attempt] : []));
	const ends = world.events.flatMap(({ event }) => (event.type === "run.finished" ? [event.phase] : []));
	expect(failures).toEqual([1, 2, 3].slice(0, failures.length));
	expect(ends).toEqual(["Succeeded"]);
});
