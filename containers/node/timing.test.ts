import { expect, it } from "vitest";
import { NODE_LOST_MS } from "../../durable-objects/ports.ts";
import { backoffMs } from "./backoff.ts";
import { TIMING } from "./timing.ts";

it("a node says every 10 s that it lives, so that three of these may be lost before it is", () => {
	expect(TIMING.heartbeatMs).toBe(10_000);
	expect(NODE_LOST_MS).toBe(4 * TIMING.heartbeatMs);
});

it("a node dials again soon at first, and five minutes apart at most, spread over all of that", () => {
	const wait = (failures: number, random: number) => backoffMs(failures, TIMING.backoffFirstMs, TIMING.backoffMaxMs, () => random);
	expect([wait(0, 1), wait(1_000, 1), wait(1_000, 0.5), wait(1_000, 0)]).toEqual([200, 5 * 60_000, 2.5 * 60_000, 0]);
});
