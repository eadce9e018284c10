import { describe, expect, test } from "vitest";
import { ApiError, type Status } from "../../src/api/status.ts";
import { eventsOf, type Loose, MemoryHost } from "../../test/fakes/memory-host.ts";

function refusal(ask: () => unknown): Status {
	try {
		ask();
	} catch (error) {
		if (error instanceof ApiError) return error.status;
		throw error;
	}
	throw new Error("was not refused");
}

async function take(events: AsyncGenerator<Loose>, count: number): Promise<Loose[]> {
	const taken: Loose[] = [];
	while (taken.length < count) {
		const { value, done } = await events.next();
		if (done) break;
		taken.push(value);
	}
	return taken;
}

const brief = (event: Loose) => `${event.type} ${event.object.metadata?.name ?? event.object.reason}`;

describe("writing", () => {
	test("a created object has a uid, a version, a creation time and who set its fields", () => {
		const world = new MemoryHost();
		const object = world.configMap("a", { k: "v" });
		expect(object).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { k: "v" } });
		expect(object.metadata).toMatchObject({
			name: "a",
			namespace: "a",
			uid: "uid-1",
			resourceVersion: "1",
			creationTimestamp: "2026-11-22T08:00:00Z",
		});
		expect(object.metadata.managedFields).toMatchObject([{ manager: "test", operation: "Update", fieldsV1: { "f:data": { "f:k": {} } } }]);
	});

	test("a name that is taken is refused, and a generated one is not", () => {
		const world = new MemoryHost();
		world.configMap("a");
		expect(refusal(() => world.configMap("a"))).toMatchObject({
			code: 409,
			reason: "AlreadyExists",
			message: 'configmaps "a" already exists',
		});
		const body = { metadata: { generateName: "a-" } };
		expect(world.object({ verb: "create", body }).metadata.name).toMatch(/^a-[a-z0-9]{5}$/);
	});

	test("an update with a stale version is refused and changes nothing", () => {
		const world = new MemoryHost();
		const old = world.configMap("a", { k: "1" });
		world.object({ verb: "update", name: "a", body: { ...old, data: { k: "2" } } });
		const status = refusal(() => world.object({ verb: "update", name: "a", body: { ...old, data: { k: "3" } } }));
		expect(status).toMatchObject({ code: 409, reason: "Conflict" });
		expect(status.message).toBe(
			'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
		);
		expect(world.object({ verb: "get", name: "a" }).data).toEqual({ k: "2" });
	});

	test("a write that says nothing new keeps the version", () => {
		const world = new MemoryHost();
		const old = world.configMap("a", { k: "1" });
		world.now += 5_000;
		expect(world.object({ verb: "update", name: "a", body: old }).metadata.resourceVersion).toBe("1");
		expect(world.object({ verb: "patch", name: "a", patch: "merge", body: { data: { k: "1" } } }).metadata.resourceVersion).toBe("1");
	});

	test("generation counts changes of the spec and of nothing else", () => {
		const world = new MemoryHost();
		const agents = (verb: "create" | "update", body: Loose) => world.object({ verb, name: "x", body } as never, "skills", "klaw.sh");
		const skill = { metadata: { name: "x" }, spec: { content: "---\nname: x\ndescription: d\n---\ntext" } };
		const made = agents("create", skill);
		expect(made.metadata.generation).toBe(1);
		const labelled = agents("update", { ...made, metadata: { ...made.metadata, labels: { a: "b" } } });
		expect(labelled.metadata.generation).toBe(1);
		const changed = agents("update", { ...labelled, spec: { content: "---\nname: x\ndescription: d\n---\nother" } });
		expect(changed.metadata.generation).toBe(2);
	});

	test("three kinds of patch do what their types say", () => {
		const world = new MemoryHost();
		world.configMap("a", { k: "1", l: "2" });
		const patch = (type: "json" | "merge" | "strategic", body: unknown) =>
			world.object({ verb: "patch", name: "a", patch: type, body }).data;
		expect(patch("json", [{ op: "replace", path: "/data/k", value: "3" }])).toEqual({ k: "3", l: "2" });
		expect(patch("merge", { data: { l: null } })).toEqual({ k: "3" });
		expect(patch("strategic", { data: { m: "4" } })).toEqual({ k: "3", m: "4" });
	});

	test("server-side apply creates, keeps what is others', and names who is in the way", () => {
		const world = new MemoryHost();
		const apply = (manager: string, data: Record<string, string>, force = false) =>
			world.object({
				verb: "patch",
				name: "a",
				patch: "apply",
				force,
				body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data },
				write: { dryRun: false, fieldManager: manager, fieldValidation: "Strict" },
			});
		expect(apply("one", { k: "1" }).data).toEqual({ k: "1" });
		expect(apply("two", { l: "2" }).data).toEqual({ k: "1", l: "2" });
		expect(refusal(() => apply("two", { k: "9" }))).toMatchObject({
			code: 409,
			message: 'Apply failed with 1 conflict: conflict with "one": .data.k',
		});
		expect(apply("two", { k: "9" }, true).data).toEqual({ k: "9" });
	});

	test("a dry run answers like the real one and writes nothing, not even an audit record", () => {
		const world = new MemoryHost();
		const write = { dryRun: true, fieldManager: "test", fieldValidation: "Warn" as const };
		const object = world.object({ verb: "create", body: { metadata: { name: "a" }, data: { k: "v" } }, write });
		expect(object.data).toEqual({ k: "v" });
		expect(refusal(() => world.object({ verb: "get", name: "a" })).code).toBe(404);
		expect(world.host.store.version()).toBe(0);
		expect(world.host.audit.newest).toBe(0);
	});

	test.each(["messages", "token", "log"])("a permission for the subresource %s makes no object of the body", (subresource) => {
		const world = new MemoryHost();
		const resource = { group: "", version: "v1", plural: "configmaps", subresource };
		const status = refusal(() => world.ask({ verb: "create", name: "a", resource, body: { metadata: { name: "b" } } }));
		expect(status).toMatchObject({ code: 404, message: "the server could not find the requested resource" });
		expect(refusal(() => world.object({ verb: "get", name: "b" })).code).toBe(404);
	});

	test("every write leaves an audit record with its outcome", () => {
		const world = new MemoryHost();
		world.configMap("a");
		refusal(() => world.configMap("a"));
		world.ask({ verb: "delete", name: "a" });
		const records = world.host.audit.after(0, 10).map(({ entry }) => [entry.verb, entry.resource, entry.code]);
		expect(records).toEqual([
			["create", "configmaps", 201],
			["create", "configmaps", 409],
			["delete", "configmaps", 200],
		]);
	});
});

describe("deleting", () => {
	test("a finalizer keeps the object until it is removed, and no other may come", () => {
		const world = new MemoryHost();
		world.configMap("a", {}, { finalizers: ["klaw.sh/hold"] });
		const marked = world.object({ verb: "delete", name: "a" });
		expect(marked.metadata).toMatchObject({ deletionTimestamp: "2026-11-22T08:00:00Z", finalizers: ["klaw.sh/hold"] });
		const more = { ...marked, metadata: { ...marked.metadata, finalizers: ["klaw.sh/hold", "klaw.sh/other"] } };
		expect(refusal(() => world.object({ verb: "update", name: "a", body: more })).code).toBe(403);
		world.object({ verb: "patch", name: "a", patch: "merge", body: { metadata: { finalizers: null } } });
		expect(refusal(() => world.object({ verb: "get", name: "a" })).code).toBe(404);
	});

	test("there is no grace, however long a client gives", () => {
		const world = new MemoryHost();
		world.configMap("a", {}, { finalizers: ["klaw.sh/hold"] });
		const marked = world.object({ verb: "delete", name: "a", delete: { dryRun: false, gracePeriodSeconds: Number.MAX_SAFE_INTEGER } });
		expect(marked.metadata).toMatchObject({ deletionTimestamp: "2026-11-22T08:00:00Z", deletionGracePeriodSeconds: 0 });
	});

	test("preconditions that do not hold delete nothing", () => {
		const world = new MemoryHost();
		world.configMap("a");
		const status = refusal(() => world.ask({ verb: "delete", name: "a", delete: { dryRun: false, preconditions: { uid: "other" } } }));
		expect(status).toMatchObject({ code: 409 });
		expect(status.message).toContain("Precondition failed: UID in precondition: other, UID in object meta: uid-1");
		expect(world.object({ verb: "get", name: "a" }).metadata.name).toBe("a");
	});

	const owned = (world: MemoryHost, name: string, owners: Loose[], more: Loose = {}) =>
		world.configMap(
			name,
			{},
			{
				ownerReferences: owners.map(({ metadata }) => ({
					apiVersion: "v1",
					kind: "ConfigMap",
					name: metadata.name,
					uid: metadata.uid,
					...more,
				})),
			},
		);
	const names = (world: MemoryHost) => {
		const reply = world.ask({ verb: "list" });
		return reply.type === "list" ? reply.items.map(({ metadata }) => metadata.name) : [];
	};

	test("what depends on the deleted alone is collected, however deep, and what has another owner is not", () => {
		const world = new MemoryHost();
		const [owner, other] = [world.configMap("owner"), world.configMap("other")];
		const child = owned(world, "child", [owner]);
		owned(world, "grandchild", [child]);
		owned(world, "shared", [owner, other]);
		world.ask({ verb: "delete", name: "owner" });
		expect(names(world)).toEqual(["other", "shared"]);
		expect(world.object({ verb: "get", name: "shared" }).metadata.ownerReferences).toHaveLength(1);
	});

	test("what depends is collected also behind a hundred others that are held", () => {
		const world = new MemoryHost();
		const owner = world.configMap("owner");
		const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.metadata.uid }];
		for (let i = 100; i < 205; i++) world.configMap(`held-${i}`, {}, { ownerReferences, finalizers: ["klaw.sh/hold"] });
		world.configMap("last", {}, { ownerReferences });
		for (let i = 100; i < 205; i++) world.ask({ verb: "delete", name: `held-${i}` });
		world.ask({ verb: "delete", name: "owner" });
		expect(refusal(() => world.object({ verb: "get", name: "last" })).code).toBe(404);
		expect(world.object({ verb: "get", name: "held-204" }).metadata.deletionTimestamp).toBeDefined();
	});

	test("with the policy Orphan dependents are set free", () => {
		const world = new MemoryHost();
		owned(world, "child", [world.configMap("owner")]);
		world.ask({ verb: "delete", name: "owner", delete: { dryRun: false, propagationPolicy: "Orphan" } });
		expect(names(world)).toEqual(["child"]);
		expect(world.object({ verb: "get", name: "child" }).metadata.ownerReferences).toBeUndefined();
	});

	test("with the policy Foreground the owner goes after those that block it", () => {
		const world = new MemoryHost();
		const owner = world.configMap("owner");
		const child = owned(world, "child", [owner], { blockOwnerDeletion: true });
		world.object({ verb: "patch", name: "child", patch: "merge", body: { metadata: { finalizers: ["klaw.sh/hold"] } } });
		expect(child.metadata.ownerReferences[0].blockOwnerDeletion).toBe(true);
		const marked = world.object({ verb: "delete", name: "owner", delete: { dryRun: false, propagationPolicy: "Foreground" } });
		expect(marked.metadata.finalizers).toEqual(["foregroundDeletion"]);
		expect(names(world)).toEqual(["child", "owner"]);
		expect(world.object({ verb: "get", name: "child" }).metadata).toMatchObject({
			deletionTimestamp: "2026-11-22T08:00:00Z",
			deletionGracePeriodSeconds: 0,
		});
		world.object({ verb: "patch", name: "child", patch: "merge", body: { metadata: { finalizers: null } } });
		expect(names(world)).toEqual([]);
	});
});

describe("lists", () => {
	test("go on by their token until the end, with one version", () => {
		const world = new MemoryHost();
		for (const name of ["a", "b", "c", "d", "e"]) world.configMap(name);
		const seen: string[] = [];
		let token: string | undefined;
		do {
			const page = world.ask({ verb: "list", list: { limit: 2, ...(token && { continue: token }) } });
			if (page.type !== "list") throw new Error("no list");
			expect(page.resourceVersion).toBe("5");
			if (seen.length === 0) expect(page.remainingItemCount).toBe(3);
			seen.push(...page.items.map(({ metadata }) => metadata.name));
			token = page.continue;
		} while (token);
		expect(seen).toEqual(["a", "b", "c", "d", "e"]);
	});

	test("are chosen by label and field", () => {
		const world = new MemoryHost();
		world.configMap("a", {}, { labels: { tier: "web" } });
		world.configMap("b");
		const names = (list: Loose) => (world.ask({ verb: "list", list }) as Loose).items.map((item: Loose) => item.metadata.name);
		expect(names({ labelSelector: "tier in (web,db)" })).toEqual(["a"]);
		expect(names({ fieldSelector: "metadata.name!=a" })).toEqual(["b"]);
	});

	test("with a token that is none, or from the future, are refused", () => {
		const world = new MemoryHost();
		expect(refusal(() => world.ask({ verb: "list", list: { continue: "!!" } }))).toMatchObject({ code: 400 });
		expect(refusal(() => world.ask({ verb: "list", list: { resourceVersion: "99" } }))).toMatchObject({ code: 504, reason: "Timeout" });
	});
});

describe("watches", () => {
	test("see every change after their version, in order", async () => {
		const world = new MemoryHost();
		const first = world.configMap("a");
		const events = eventsOf(world.watch({ resourceVersion: first.metadata.resourceVersion }));
		world.configMap("b");
		world.object({ verb: "patch", name: "a", patch: "merge", body: { data: { k: "v" } } });
		world.ask({ verb: "delete", name: "b" });
		expect((await take(events, 3)).map(brief)).toEqual(["ADDED b", "MODIFIED a", "DELETED b"]);
		await events.return();
	});

	test("go on from the log after an eviction", async () => {
		const world = new MemoryHost();
		world.configMap("a");
		world.configMap("b");
		world.ask({ verb: "delete", name: "a" });
		world.reopen();
		const events = eventsOf(world.watch({ resourceVersion: "1" }));
		expect((await take(events, 2)).map(brief)).toEqual(["ADDED b", "DELETED a"]);
		await events.return();
	});

	test("through a selector see objects come and go as they begin and cease to match", async () => {
		const world = new MemoryHost();
		const object = world.configMap("a");
		const events = eventsOf(world.watch({ resourceVersion: object.metadata.resourceVersion, labelSelector: "on" }));
		const label = (labels: Loose) => world.object({ verb: "patch", name: "a", patch: "merge", body: { metadata: { labels } } });
		label({ on: "1" });
		label({ on: "2" });
		label({ on: null });
		expect((await take(events, 3)).map(brief)).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
		await events.return();
	});

	test("that ask for it get everything first, and a bookmark where that ends", async () => {
		const world = new MemoryHost();
		world.configMap("a");
		world.configMap("b");
		const events = eventsOf(world.watch({ sendInitialEvents: true, allowWatchBookmarks: true }));
		const [a, b, end] = await take(events, 3);
		expect([brief(a), brief(b)]).toEqual(["ADDED a", "ADDED b"]);
		expect(end).toMatchObject({
			type: "BOOKMARK",
			object: { metadata: { resourceVersion: "2", annotations: { "k8s.io/initial-events-end": "true" } } },
		});
		await events.return();
	});

	test("from a version that is forgotten are told so, and from the future refused", async () => {
		const world = new MemoryHost();
		const { metadata } = world.configMap("a");
		for (let change = 0; change < 8_200; change++)
			world.host.commit([{ type: "put", plural: "configmaps", object: { apiVersion: "v1", kind: "ConfigMap", metadata } }]);
		world.reopen();
		const old = world.watch({ resourceVersion: "1" });
		expect(old.status).toBe(410);
		expect(await old.json()).toMatchObject({ reason: "Expired", message: "too old resource version: 1" });
		expect(world.watch({ resourceVersion: "99999" }).status).toBe(504);
	});
});

describe("events", () => {
	test("that differ in their words only are combined when there are many of one object", () => {
		const world = new MemoryHost();
		const regarding = world.configMap("a");
		for (let at = 0; at < 200; at++)
			world.host.commit([
				{ type: "event", event: { regarding, type: "Warning", reason: "Waiting", note: `for ${at}`, action: "Running" } },
			]);
		const { items } = world.ask({ verb: "list" }, "events") as Loose;
		expect(items).toHaveLength(51);
		const [combined] = items.filter(({ count }: Loose) => count > 1);
		expect([combined.message, combined.count]).toEqual(["(combined from similar events): for 199", 150]);
	});

	test("that happen again are counted, and expire after an hour", () => {
		const world = new MemoryHost();
		const regarding = world.configMap("a");
		const note = (text: string) =>
			world.host.commit([{ type: "event", event: { regarding, type: "Normal", reason: "Seen", note: text, action: "Looking" } }]);
		note("once");
		note("twice");
		note("twice");
		const listed = () => (world.ask({ verb: "list" }, "events") as Loose).items;
		expect(
			listed()
				.map((event: Loose) => [event.message, event.count])
				.sort(),
		).toEqual([
			["once", 1],
			["twice", 2],
		]);
		world.now += 3_599_000;
		note("later");
		world.now += 2_000;
		world.host.collect();
		expect(listed().map((event: Loose) => event.message)).toEqual(["later"]);
	});
});
