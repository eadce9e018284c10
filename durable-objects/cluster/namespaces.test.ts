import { expect, test } from "vitest";
import type { Namespace } from "../../src/resources/namespace/kind.ts";
import type { StoreChange, Strategy } from "../store/decision.ts";
import { emptied, namespaceStrategy, newNamespace, terminating } from "./namespaces.ts";

const NOW = Date.parse("2026-11-22T08:00:00Z");
const stamp = { now: NOW, uid: () => "uid", caller: { user: "root", groups: [] } };
const a = newNamespace("a", stamp);
const ending = terminating(a, NOW);
const held = (namespace: Namespace): Namespace => ({ ...namespace, metadata: { ...namespace.metadata, finalizers: ["example.com/x"] } });

/** What a deletion of a stored namespace writes; `released` without the finalizer of its own. */
function deletion(namespace: Namespace, released = namespace): StoreChange[] {
	const strategy: Strategy = namespaceStrategy(() => namespace);
	const decision = strategy.delete?.(released, stamp);
	if (!decision?.ok) throw new Error("refused");
	return decision.changes;
}

const written = (changes: StoreChange[]) => changes.map((change) => (change.type === "put" ? change.object : change.type));

test("a new namespace is active, has the label with its name and is held by its content", () => {
	const strategy = namespaceStrategy(() => undefined);
	const sent = {
		...a,
		metadata: { ...a.metadata, generation: 1, labels: { team: "x" } },
		spec: { finalizers: ["mine"] },
		status: undefined,
	};
	const decision = strategy.create?.(sent, stamp);
	expect(decision).toMatchObject({
		ok: true,
		value: {
			metadata: { labels: { team: "x", "kubernetes.io/metadata.name": "a" } },
			spec: { finalizers: ["kubernetes"] },
			status: { phase: "Active" },
		},
	});
	expect(decision?.ok && decision.value.metadata).not.toHaveProperty("generation");
});

test("an update cannot take away what holds a namespace, nor its label", () => {
	const strategy = namespaceStrategy(() => a);
	const sent = { ...a, metadata: { ...a.metadata, labels: { team: "y" } }, spec: { finalizers: [] } };
	expect(strategy.update?.(a, sent, stamp)).toMatchObject({
		value: { metadata: { labels: { team: "y", "kubernetes.io/metadata.name": "a" } }, spec: { finalizers: ["kubernetes"] } },
	});
});

test("a deleted namespace terminates first, and deleting it again changes nothing", () => {
	expect(written(deletion(a))).toMatchObject([
		{ metadata: { deletionTimestamp: "2026-11-22T08:00:00Z" }, status: { phase: "Terminating" } },
	]);
	expect(deletion(ending)).toEqual([]);
});

test("a namespace goes when it is empty", () => {
	expect(written(emptied(ending))).toEqual(["remove", "gone"]);
	expect(emptied(a)).toEqual([]);
});

test("an empty namespace with a finalizer of its own goes when that is removed", () => {
	const empty = written(emptied(held(ending)));
	expect(empty).toMatchObject([{ spec: { finalizers: [] }, metadata: { finalizers: ["example.com/x"] } }]);
	const stored = { ...held(ending), spec: { finalizers: [] } };
	expect(emptied(stored)).toEqual([]);
	expect(written(deletion(stored, { ...ending, spec: { finalizers: [] } }))).toEqual(["remove", "gone"]);
});

test("a namespace whose own finalizer is removed before it is empty waits for its content", () => {
	const [rest] = written(deletion(held(ending), ending));
	expect(rest).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) }, spec: { finalizers: ["kubernetes"] } });
	expect(rest).not.toHaveProperty("metadata.finalizers");
});

test("the default namespace is not deleted", () => {
	const strategy = namespaceStrategy(() => newNamespace("default", stamp));
	expect(strategy.delete?.(newNamespace("default", stamp), stamp)).toMatchObject({
		ok: false,
		status: { code: 403, message: 'namespaces "default" is forbidden: this namespace may not be deleted' },
	});
});
