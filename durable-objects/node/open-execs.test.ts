import { expect, it, onTestFinished, vi } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { ExecEnd } from "../session/execs.ts";
import { NodeStorage } from "./node-storage.ts";
import { OpenExecs } from "./open-execs.ts";

const exec = { id: "e", session: "ns/s", incarnation: 3 };

function world() {
	onTestFinished(() => void vi.restoreAllMocks());
	vi.spyOn(console, "warn").mockReturnValue();
	const storage = new NodeStorage(memorySql());
	const told: { session: string; id: string; end: ExecEnd }[] = [];
	const session = { fails: false };
	const work: Promise<void>[] = [];
	const ended: string[] = [];
	const clock = { now: 1_000 };
	const execs = new OpenExecs({
		...{ name: "n", storage, background: (done: Promise<void>) => void work.push(done) },
		ended: (of) => void ended.push(of),
		now: () => clock.now,
		tell: async (name, id, end) => {
			if (session.fails) throw new Error("not now");
			told.push({ session: name, id, end });
		},
	});
	const quiet = async () => void (await Promise.all(work.splice(0)));
	return { storage, execs, told, session, quiet, ended, clock };
}

it("a command is opened once, however often it is asked for", () => {
	const { execs } = world();
	expect([execs.open(exec), execs.open(exec), execs.has("e")]).toEqual([true, false, true]);
});

it("one that has ended is told to its session, and is not opened again before that is heard", async () => {
	const { execs, told, session, quiet } = world();
	execs.open(exec);
	session.fails = true;
	execs.end("e", { uncheckpointed: true });
	await quiet();
	expect([told, execs.open(exec)]).toEqual([[], false]);
	session.fails = false;
	// The session hears nothing, and asks.
	expect(execs.has("e")).toBe(true);
	await quiet();
	expect(told).toEqual([{ session: "ns/s", id: "e", end: { uncheckpointed: true } }]);
	expect(execs.has("e")).toBe(false);
});

it("one that its session has ended is refused when it comes late, also by an object that has slept, and for no longer than an hour", () => {
	const { storage, execs, clock } = world();
	execs.cut("e", "The command was cut.");
	const woken = new OpenExecs({ name: "n", storage, tell: async () => undefined, ended() {}, background() {}, now: () => clock.now });
	expect(woken.cutReason("e")).toBe("The command was cut.");
	clock.now += 3_600_001;
	execs.cut("f", "The command was cut.");
	expect([execs.cutReason("e"), execs.cutReason("f")]).toEqual([undefined, "The command was cut."]);
});

it("no more than a thousand ends are remembered", () => {
	const { storage, execs, clock } = world();
	for (let n = 0; n < 1_100; n += 1) {
		clock.now += 1;
		execs.cut(`e${n}`, "The command was cut.");
	}
	const known = Array.from({ length: 1_100 }, (_, n) => storage.execCut(`e${n}`)).filter((reason) => reason !== undefined);
	expect([known.length, execs.cutReason("e1099"), execs.cutReason("e0")]).toEqual([1_000, "The command was cut.", undefined]);
});

it("its end is the end of something of its session here, however it came", () => {
	const { execs, ended } = world();
	for (const id of ["e", "f"]) execs.open({ ...exec, id });
	execs.end("e");
	execs.cut("f", "The command was cut.");
	execs.end("unknown");
	expect(ended).toEqual(["ns/s", "ns/s"]);
});

it("one whose machine is gone is told with that machine", async () => {
	const { storage, execs, told, quiet } = world();
	execs.open(exec);
	storage.ground();
	execs.tell();
	await quiet();
	expect(told).toEqual([{ session: "ns/s", id: "e", end: { lost: { node: "n", incarnation: 3 } } }]);
});

it("a machine that is back has ended what it does not name", async () => {
	const { storage, execs, told, quiet } = world();
	for (const id of ["e", "f"]) execs.open({ ...exec, id });
	storage.execsLeft(["f"]);
	execs.tell();
	await quiet();
	expect(told).toMatchObject([{ id: "e" }]);
	expect([execs.runs("f"), storage.busy()]).toEqual([true, true]);
	execs.end("f");
	expect(storage.busy()).toBe(false);
});

it("the checkpoint of one is told with its end, for as long as its session does not hear it", async () => {
	const { execs, told, session, quiet } = world();
	const checkpoint = { name: "a".repeat(64), files: 1, bytes: 2, storedBytes: 3, order: 4 };
	execs.open(exec);
	session.fails = true;
	execs.end("e", { checkpoint, epoch: 7 });
	await quiet();
	session.fails = false;
	execs.tell();
	await quiet();
	expect(told).toEqual([{ session: "ns/s", id: "e", end: { made: { node: "n", incarnation: 3, epoch: 7, checkpoint } } }]);
});
