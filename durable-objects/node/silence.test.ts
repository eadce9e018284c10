import { describe, expect, it } from "vitest";
import type { NodeSilence } from "../ports.ts";
import { GONE_MS, QUIET_MS, Silence, type Standing } from "./silence.ts";

function world() {
	const clock = { now: 100_000 };
	const standing: Standing = { connected: true, heardAt: clock.now, awaited: true, joined: true };
	let kept: NodeSilence | undefined;
	const stored = {
		silence: () => kept,
		putSilence: (silence: NodeSilence | undefined) => {
			kept = silence;
		},
	};
	const wake = () => new Silence({ standing: () => standing, stored, now: () => clock.now });
	return { clock, standing, silence: wake(), wake };
}

describe("a machine with calls that loses its connection", () => {
	it("is told of two seconds later, with how long it is given", () => {
		const { clock, standing, silence } = world();
		silence.expect();
		standing.connected = false;
		silence.gone();
		expect(silence.dueAt()).toBe(clock.now + GONE_MS);
		expect(silence.look()).toBe(false);
		clock.now += GONE_MS;
		expect(silence.look()).toBe(true);
		expect(silence.told()).toEqual({ since: 100_000, connected: false, lostAt: 140_000 });
		// Its hello is what comes next.
		expect([silence.look(), silence.dueAt()]).toEqual([false, undefined]);
	});

	it("is not told of when it is back within them", () => {
		const { clock, standing, silence } = world();
		silence.expect();
		standing.connected = false;
		silence.gone();
		clock.now += 500;
		Object.assign(standing, { connected: true, heardAt: clock.now });
		expect(silence.look()).toBe(false);
		clock.now += GONE_MS;
		expect([silence.look(), silence.told()]).toEqual([false, undefined]);
	});

	it("is told of again when it is back, also by an object that has slept meanwhile", () => {
		const { clock, standing, silence, wake } = world();
		standing.connected = false;
		silence.gone();
		clock.now += GONE_MS;
		silence.look();
		const later = wake();
		expect(later.told()).toMatchObject({ since: 100_000 });
		clock.now += 10_000;
		Object.assign(standing, { connected: true, heardAt: clock.now });
		expect([later.look(), later.told()]).toEqual([true, undefined]);
	});

	it("is given two seconds by an object that has just begun and knows nothing of it", () => {
		const { clock, standing, silence } = world();
		standing.connected = false;
		silence.expect();
		expect(silence.look()).toBe(false);
		clock.now = silence.dueAt() ?? 0;
		expect(silence.look()).toBe(true);
	});
});

describe("a machine with calls that is quiet over an open connection", () => {
	it("is told of when a heartbeat is missing, and not before", () => {
		const { clock, silence } = world();
		silence.expect();
		expect(silence.dueAt()).toBe(clock.now + QUIET_MS);
		clock.now += QUIET_MS - 1;
		expect(silence.look()).toBe(false);
		clock.now = silence.dueAt() ?? 0;
		expect(silence.look()).toBe(true);
		expect(silence.told()).toEqual({ since: 100_000, connected: true, lostAt: 140_000 });
	});

	it("is looked at again soon, since a heartbeat wakes nobody", () => {
		const { clock, standing, silence } = world();
		clock.now += QUIET_MS;
		silence.look();
		expect(silence.dueAt()).toBeLessThanOrEqual(clock.now + 5_000);
		standing.heardAt = clock.now;
		expect([silence.look(), silence.told()]).toEqual([true, undefined]);
	});

	it("is told of anew when its connection ends as well, since it is given longer then", () => {
		const { clock, standing, silence } = world();
		clock.now += QUIET_MS;
		silence.look();
		standing.connected = false;
		silence.gone();
		clock.now += GONE_MS;
		expect(silence.look()).toBe(true);
		expect(silence.told()).toEqual({ since: 115_000, connected: false, lostAt: 155_000 });
	});
});

describe("nobody is told and nothing is due", () => {
	it("when nobody waits for the machine", () => {
		const { clock, standing, silence } = world();
		Object.assign(standing, { connected: false, awaited: false });
		silence.gone();
		clock.now += 60_000;
		expect([silence.dueAt(), silence.look(), silence.told(), silence.dueAt()]).toEqual([undefined, false, undefined, undefined]);
	});

	it("when the machine is lost: whoever waited is told that", () => {
		const { clock, standing, silence, wake } = world();
		standing.connected = false;
		silence.gone();
		clock.now += GONE_MS;
		silence.look();
		silence.forget();
		expect([silence.told(), silence.dueAt(), wake().told()]).toEqual([undefined, undefined, undefined]);
	});
});

it("calls that come and go do not move the time of the next look: an alarm that moves costs a row", () => {
	const { clock, silence } = world();
	silence.expect();
	const due = silence.dueAt();
	clock.now += 1_000;
	silence.expect();
	expect(silence.dueAt()).toBe(due);
});

it("a container is given no time: it is replaced when it is found dead", () => {
	const { clock, standing, silence } = world();
	Object.assign(standing, { connected: false, joined: false });
	silence.gone();
	clock.now += GONE_MS;
	silence.look();
	expect(silence.told()).toEqual({ since: 100_000, connected: false });
});
