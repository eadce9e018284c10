import { expect, it, onTestFinished, vi } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import { NodeStorage } from "./node-storage.ts";
import { Reports } from "./reports.ts";

function world() {
	onTestFinished(() => void vi.restoreAllMocks());
	vi.spyOn(console, "warn").mockReturnValue();
	const [clock, heard] = [{ now: 10_000 }, [] as string[]];
	const state = { fails: false };
	const say = (what: string) => async () => {
		if (state.fails) throw new Error("not now");
		heard.push(what);
	};
	const reports = new Reports({
		...{ name: "n", storage: new NodeStorage(memorySql()), now: () => clock.now, random: () => 0.5 },
		dispatcher: () => ({
			...{ nodeJoined: say("joined"), nodeLeft: say("left"), nodeLost: say("lost") },
			...{ nodeReplaced: say("replaced"), containerFailed: say("failed") },
		}),
		...{ wakeSession: async () => undefined, joined: () => undefined },
	});
	return { reports, clock, heard, state };
}

it("the time at which something is said does not move away, however often it is asked for", () => {
	const { reports, clock } = world();
	reports.add({ type: "replaced", incarnation: 1 });
	const due = reports.dueAt();
	clock.now += 900;
	reports.add({ type: "replaced", incarnation: 2 });
	expect(reports.dueAt()).toBe(due);
});

it("what could not be said is said again at a later time, which does not move away either", async () => {
	const { reports, clock, heard, state } = world();
	state.fails = true;
	reports.add({ type: "replaced", incarnation: 1 });
	const first = reports.dueAt() ?? 0;
	clock.now = first;
	await reports.flush();
	const second = reports.dueAt() ?? 0;
	expect(second).toBeGreaterThan(first);
	clock.now = second - 1;
	expect(reports.dueAt()).toBe(second);
	state.fails = false;
	await reports.flush();
	expect([heard, reports.dueAt()]).toEqual([["replaced"], undefined]);
});

it("a session that is woken and has to wait for the machine again is woken when the machine is back", async () => {
	const storage = new NodeStorage(memorySql());
	const woken: string[] = [];
	const say = async () => undefined;
	const reports = new Reports({
		...{ name: "n", storage, now: () => 0, random: () => 0.5, joined: () => undefined },
		dispatcher: () => ({ nodeJoined: say, nodeLeft: say, nodeLost: say, nodeReplaced: say, containerFailed: say }),
		wakeSession: async (session) => {
			woken.push(session);
			// Its call finds nobody there, before the word that it was woken has come back.
			storage.wait(session);
		},
	});
	storage.wait("default/s");
	await reports.flush();
	await reports.flush();
	expect(woken).toEqual(["default/s", "default/s"]);
});

it("a session that cannot be woken now is woken later", async () => {
	const storage = new NodeStorage(memorySql());
	const say = async () => undefined;
	onTestFinished(() => void vi.restoreAllMocks());
	vi.spyOn(console, "warn").mockReturnValue();
	const reports = new Reports({
		...{ name: "n", storage, now: () => 0, random: () => 0.5, joined: () => undefined },
		dispatcher: () => ({ nodeJoined: say, nodeLeft: say, nodeLost: say, nodeReplaced: say, containerFailed: say }),
		wakeSession: () => Promise.reject(new Error("not now")),
	});
	storage.wait("default/s");
	await reports.flush();
	expect(storage.waiting()).toEqual(["default/s"]);
	expect(reports.dueAt()).toBeDefined();
});
