import { beforeEach, expect, test } from "vitest";
import { AlarmClock } from "./alarm-clock.ts";

let writes: (number | "deleted")[];
let stored: number | null;
const storage = {
	getAlarm: async () => stored,
	setAlarm: async (at: number) => void writes.push(at),
	deleteAlarm: async () => void writes.push("deleted"),
};

beforeEach(() => {
	writes = [];
	stored = null;
});

test("it moves forward and never back", () => {
	const alarm = new AlarmClock(storage);
	for (const at of [100, 200, 50]) alarm.noLaterThan(at);
	expect(writes).toEqual([100, 50]);
});

test("standing where it should costs nothing", () => {
	const alarm = new AlarmClock(storage);
	alarm.set(undefined);
	alarm.set(100);
	alarm.set(100);
	alarm.set(undefined);
	expect(writes).toEqual([100, "deleted"]);
});

test("it knows after waking where it stands", async () => {
	stored = 100;
	const alarm = new AlarmClock(storage);
	await alarm.load();
	alarm.noLaterThan(150);
	expect(writes).toEqual([]);
});

test("after it went off it is set anew", () => {
	const alarm = new AlarmClock(storage);
	alarm.set(100);
	alarm.wentOff();
	alarm.noLaterThan(200);
	expect(writes).toEqual([100, 200]);
});
