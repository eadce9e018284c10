import { beforeEach, expect, test } from "vitest";
import { DeliveryQueue } from "./delivery-queue.ts";
import { clusterSql } from "./test-sql.ts";

let queue: DeliveryQueue;
beforeEach(() => {
	queue = new DeliveryQueue(clusterSql());
});

const owed = (now: number) => queue.due(now, 10).map(({ what, name }) => `${what} ${name}`);

test("what was ordered is due at once, in order, and each thing once", () => {
	queue.order("policy", "a", 1);
	queue.order("terminate", "a", 2);
	queue.order("policy", "a", 3);
	expect(owed(1)).toEqual([]);
	expect(owed(3)).toEqual(["terminate a", "policy a"]);
	expect(queue.nextAt()).toBe(2);
});

test("what was told is no longer owed, unless it was ordered again meanwhile", () => {
	queue.order("policy", "a", 1);
	const [first] = queue.due(1, 1);
	if (!first) throw new Error("nothing is due");
	queue.order("policy", "a", 2);
	queue.done(first);
	expect(owed(2)).toEqual(["policy a"]);
	const [second] = queue.due(2, 1);
	if (second) queue.done(second);
	expect(owed(2)).toEqual([]);
	expect(queue.nextAt()).toBeUndefined();
});

test("what failed is due later, and what was ordered again meanwhile at once", () => {
	queue.order("policy", "a", 1);
	const [first] = queue.due(1, 1);
	if (!first) throw new Error("nothing is due");
	queue.failed(first, 500);
	expect(owed(499)).toEqual([]);
	expect(queue.due(500, 1)).toMatchObject([{ attempts: 1 }]);
	queue.order("policy", "a", 2);
	queue.failed(first, 900);
	expect(queue.due(2, 1)).toMatchObject([{ attempts: 0 }]);
});

test("what is cancelled is not owed", () => {
	queue.order("policy", "a", 1);
	queue.cancel("policy", "a");
	expect(queue.nextAt()).toBeUndefined();
});
