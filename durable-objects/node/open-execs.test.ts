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
	const execs = new OpenExecs({
		...{ name: "n", storage, background: (done: Promise<void>) => void work.push(done) },
		tell: async (name, id, end) => {
			if (session.fails) throw new Error("not now");
			told.push({ session: name, id, end });
		},
	});
	const quiet = async () => void (await Promise.all(work.splice(0)));
	return { storage, execs, told, session, quiet };
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
