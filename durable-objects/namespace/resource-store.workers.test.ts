import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Resource } from "../../src/resources/resource.ts";
import { namespaceObjectName } from "../names.ts";
import { ResourceStore } from "./resource-store.ts";

/** A store of its own, in the storage of a namespace. */
function inStore<T>(name: string, use: (store: ResourceStore, sql: SqlStorage) => T): Promise<T> {
	const stub = env.NAMESPACE.getByName(namespaceObjectName(name));
	return runInDurableObject(stub, (_, { storage }) => use(new ResourceStore(storage.sql), storage.sql));
}

function object(name: string, spec: unknown, status: unknown = {}): Resource {
	const metadata = {
		name,
		namespace: "x",
		uid: `uid-${name}`,
		resourceVersion: "",
		generation: 1,
		creationTimestamp: "2026-11-22T08:00:00Z",
	};
	return { apiVersion: "klaw.sh/v1", kind: "Thing", metadata, spec, status };
}

test("what was put is got, with the version of its commit", async () => {
	await inStore("put", (store) => {
		store.put("things", object("a", { text: "short" }), store.nextVersion());
		expect(store.get("things", "a")).toMatchObject({ metadata: { resourceVersion: "1" }, spec: { text: "short" } });
		expect(store.get("things", "b")).toBeUndefined();
		expect(store.get("others", "a")).toBeUndefined();
	});
});

test("long and strange strings come back as they were, and are forgotten with their object", async () => {
	await inStore("strange", (store, sql) => {
		const spec = {
			nul: "\u0000a\u0001".repeat(10_000),
			quotes: '"\\'.repeat(500_000),
			emoji: "😀".repeat(400_000),
			list: ["x".repeat(20_000)],
		};
		store.put("things", object("a", spec), store.nextVersion());
		expect(store.get("things", "a")?.spec).toEqual(spec);
		const longest = sql.exec<{ bytes: number }>("SELECT max(length(CAST(text AS BLOB))) AS bytes FROM long_texts").one().bytes;
		expect(longest).toBeLessThan(2_000_000);
		store.put("things", object("a", { nul: "short now" }), store.nextVersion());
		expect(store.get("things", "a")?.spec).toEqual({ nul: "short now" });
		expect(sql.exec("SELECT 1 FROM long_texts").toArray()).toEqual([]);
		store.put("things", object("a", spec), store.nextVersion());
		store.remove("things", "a");
		expect(sql.exec("SELECT 1 FROM long_texts").toArray()).toEqual([]);
	});
});

test("a new status does not write the prompt again", async () => {
	await inStore("rows", (store, sql) => {
		const spec = { prompt: "p".repeat(1_000_000) };
		store.put("tasks", object("t", spec, { phase: "Pending", session: "t" }), store.nextVersion());
		const written = () => sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n;
		const before = written();
		store.put("tasks", object("t", spec, { phase: "Running", session: "t" }), 2);
		expect(written() - before).toBe(1);
		expect(store.get("tasks", "t")).toMatchObject({ spec, status: { phase: "Running" } });
	});
});

test("pages follow each other in order of names until there is no more", async () => {
	await inStore("pages", (store) => {
		const version = store.nextVersion();
		for (let i = 0; i < 1_201; i++) store.put("things", object(`n${String(i).padStart(4, "0")}`, {}), version);
		const names: string[] = [];
		let pages = 0;
		for (let page = store.page("things"); ; page = store.page("things", page.next)) {
			names.push(...page.items.map(({ metadata }) => metadata.name));
			pages++;
			if (page.next === undefined) break;
		}
		expect(pages).toBe(3);
		expect(names).toEqual(Array.from({ length: 1_201 }, (_, i) => `n${String(i).padStart(4, "0")}`));
	});
});

test("a page of large objects is short, and never empty", async () => {
	await inStore("large", (store) => {
		for (const name of ["a", "b", "c"]) store.put("things", object(name, { text: "x".repeat(3_000_000) }), store.nextVersion());
		expect(store.page("things")).toMatchObject({ items: [{ metadata: { name: "a" } }], next: "a" });
		expect(store.page("things", "b")).toMatchObject({ items: [{ metadata: { name: "c" } }] });
		expect(store.page("things", "b").next).toBeUndefined();
	});
});

test("the open tasks of a session are found, and only those, by an index", async () => {
	await inStore("open", (store, sql) => {
		const put = (name: string, phase: string, session: string) =>
			store.put("tasks", object(name, {}, { phase, session }), store.nextVersion());
		put("a", "Pending", "s");
		put("b", "Running", "s");
		put("c", "Succeeded", "s");
		put("d", "Running", "other");
		for (let i = 0; i < 200; i++) put(`done-${i}`, "Failed", "s");
		expect(store.openTasks("s").map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
		put("a", "Cancelled", "s");
		expect(store.openTasks("s").map(({ metadata }) => metadata.name)).toEqual(["b"]);
		const plan = sql.exec<{ detail: string }>(
			"EXPLAIN QUERY PLAN SELECT name FROM resources WHERE plural = 'tasks' AND json_extract(json, '$.status.phase') IN ('Pending', 'Running') AND json_extract(json, '$.status.session') = 's'",
		);
		expect(plan.toArray().map(({ detail }) => detail)).toEqual([expect.stringContaining("USING INDEX open_tasks_by_session")]);
	});
});

test("the activity of an agent is summed up from its sessions", async () => {
	await inStore("activity", (store) => {
		const put = (name: string, agent: string, phase: string, lastRun?: object) =>
			store.put("sessions", object(name, { agent }, { phase, ...(lastRun && { lastRun }) }), store.nextVersion());
		put("a", "coder", "Running", { phase: "Running", startTime: "2026-11-22T08:00:02.000Z" });
		put("b", "coder", "Idle", { phase: "Failed", startTime: "2026-11-22T08:00:00.000Z", completionTime: "2026-11-22T08:00:03.000Z" });
		put("c", "coder", "Waiting");
		put("d", "other", "Idle");
		expect(store.activity("coder")).toEqual(
			new Map([["coder", { sessions: 3, running: 1, waiting: 1, lastRun: { phase: "Failed", time: "2026-11-22T08:00:03.000Z" } }]]),
		);
		expect(store.activity().get("other")).toEqual({ sessions: 1, running: 0, waiting: 0 });
		expect(store.activity("nobody").size).toBe(0);
	});
});
