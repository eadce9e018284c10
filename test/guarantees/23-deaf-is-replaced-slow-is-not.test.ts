import { expect, test } from "vitest";
import { DEAF_MS, type Drive, type Effect, evolve, type Outcome, ordered, step } from "../../durable-objects/container/drive.ts";
import { seededRandom } from "../fakes/random.ts";

/** Cloudflare's default policy at its slowest hundredth. */
const SLOW_START_MS = 9_000;
const ORDER = { name: "c", capacity: { cpu: 1, memory: 1, slots: 1 }, labels: {} };

/** A container that answers from `answersAt` on and falls silent at `deafAt`, driven as its node's object drives it. */
function drive({
	answersAt,
	deafAt,
	until,
}: {
	answersAt: number;
	deafAt: number;
	until: number;
}): { at: number; effect: Effect["type"] }[] {
	const ready = { name: "c", uid: "u", incarnation: 1, version: "1", startedAt: 0 };
	const seen: { at: number; effect: Effect["type"] }[] = [];
	let now = 0;
	let current: Drive | undefined = ordered(undefined, ORDER, "key", now);
	while (current && now < until) {
		const next = step(current, now);
		const look = { running: true, ...(now >= answersAt && { ready }) };
		const healthy = now >= answersAt && now < deafAt;
		const outcome: Outcome | undefined =
			next === "start"
				? { of: "start" }
				: next === "look"
					? { of: "look", look, healthy, busy: true }
					: next && { of: "stop", running: true };
		if (outcome) {
			const driven = evolve(current, outcome, now, "next");
			for (const { type } of driven.effects) seen.push({ at: now, effect: type });
			current = driven.drive;
		}
		now = Math.max(now + 1, current?.at ?? now);
	}
	return seen;
}

test("a slow start is not killed: 200 of them, up to six times as long as the slowest hundredth", () => {
	const random = seededRandom(23);
	for (let n = 0; n < 200; n++) {
		const answersAt = Math.floor(random() * 6 * SLOW_START_MS);
		const seen = drive({ answersAt, deafAt: Number.POSITIVE_INFINITY, until: answersAt + 600_000 });
		expect(
			seen.map(({ effect }) => effect),
			`a start of ${answersAt} ms`,
		).toEqual(["dial"]);
	}
});

test("a container that is alive, answers that it is ready, and does not speak any more is replaced in less than a minute", () => {
	const deafAt = 100_000;
	const seen = drive({ answersAt: SLOW_START_MS, deafAt, until: 1_000_000 });
	const over = seen.filter(({ effect }) => effect !== "dial");
	expect(over.map(({ effect }) => effect)).toEqual(["destroy", "replaced"]);
	expect(over[0]?.at).toBeGreaterThanOrEqual(deafAt + DEAF_MS);
	expect(over[0]?.at).toBeLessThan(deafAt + 60_000);
});
