import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Resource } from "../../src/resources/resource.ts";
import { namespaceObjectName } from "../names.ts";
import { MIGRATIONS } from "../namespace/tables.ts";
import { viewOf } from "../namespace/view.ts";
import { WorkQueue } from "../namespace/work-queue.ts";
import { migrate } from "./migrate.ts";
import { ResourceStore } from "./resource-store.ts";
import { CHANGES, RESOURCES } from "./tables.ts";

/** A store of its own, in the storage of a namespace. */
function inStore<T>(name: string, use: (store: ResourceStore, sql: SqlStorage) => T): Promise<T> {
	const stub = env.NAMESPACE.getByName(namespaceObjectName(name, "default"));
	return runInDurableObject(stub, (_, { storage }) => {
		migrate(storage, [RESOURCES, CHANGES]);
		return use(new ResourceStore(storage.sql, () => false), storage.sql);
	});
}

/** The same with the tables of a namespace. */
function inNamespaceStore<T>(name: string, use: (store: ResourceStore, sql: SqlStorage) => T): Promise<T> {
	const stub = env.NAMESPACE.getByName(namespaceObjectName(name, "default"));
	return runInDurableObject(stub, (_, { storage }) => {
		migrate(storage, MIGRATIONS);
		return use(new ResourceStore(storage.sql, () => false), storage.sql);
	});
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
		store.put("things", object("a", { text: "short" }));
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
		store.put("things", object("a", spec));
		expect(store.get<Resource>("things", "a")?.spec).toEqual(spec);
		const longest = sql.exec<{ bytes: number }>("SELECT max(length(CAST(text AS BLOB))) AS bytes FROM long_texts").one().bytes;
		expect(longest).toBeLessThan(2_000_000);
		store.put("things", object("a", { nul: "short now" }));
		expect(store.get<Resource>("things", "a")?.spec).toEqual({ nul: "short now" });
		expect(sql.exec("SELECT 1 FROM long_texts").toArray()).toEqual([]);
		store.put("things", object("a", spec));
		store.remove("things", "a");
		expect(sql.exec("SELECT 1 FROM long_texts").toArray()).toEqual([]);
	});
});

test("a new status does not write the prompt again", async () => {
	await inStore("rows", (store, sql) => {
		const spec = { prompt: "p".repeat(1_000_000) };
		store.put("tasks", object("t", spec, { phase: "Pending", session: "t" }));
		const written = () => sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n;
		const before = written();
		store.put("tasks", object("t", spec, { phase: "Running", session: "t" }));
		// The object, and the change.
		expect(written() - before).toBe(2);
		expect(store.get("tasks", "t")).toMatchObject({ spec, status: { phase: "Running" } });
	});
});

test("pages follow each other in order of names until there is no more", async () => {
	await inStore("pages", (store) => {
		for (let i = 0; i < 1_201; i++) store.put("things", object(`n${String(i).padStart(4, "0")}`, {}));
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
		for (const name of ["a", "b", "c"]) store.put("things", object(name, { text: "x".repeat(3_000_000) }));
		expect(store.page("things")).toMatchObject({ items: [{ metadata: { name: "a" } }], next: "a" });
		expect(store.page("things", "b")).toMatchObject({ items: [{ metadata: { name: "c" } }] });
		expect(store.page("things", "b").next).toBeUndefined();
	});
});

test("the open tasks of a session are found, and only those, by an index", async () => {
	await inNamespaceStore("open", (store, sql) => {
		const openTasks = (session: string) => viewOf("open", store, new WorkQueue(sql)).openTasks(session);
		const put = (name: string, phase: string, session: string) => store.put("tasks", object(name, {}, { phase, session }));
		put("a", "Pending", "s");
		put("b", "Running", "s");
		put("c", "Succeeded", "s");
		put("d", "Running", "other");
		for (let i = 0; i < 200; i++) put(`done-${i}`, "Failed", "s");
		expect(openTasks("s").map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
		put("a", "Cancelled", "s");
		expect(openTasks("s").map(({ metadata }) => metadata.name)).toEqual(["b"]);
		const plan = sql.exec<{ detail: string }>(
			"EXPLAIN QUERY PLAN SELECT name FROM resources WHERE plural = 'tasks' AND json_extract(json, '$.status.phase') IN ('Pending', 'Running') AND json_extract(json, '$.status.session') = 's'",
		);
		expect(plan.toArray().map(({ detail }) => detail)).toEqual([expect.stringContaining("USING INDEX open_tasks_by_session")]);
	});
});
