import { forbiddenBecause } from "../../src/api/rbac/forbidden.ts";
import { refuse } from "../../src/api/status.ts";
import { type Namespace, namespaceKind } from "../../src/resources/namespace/kind.ts";
import { type BaseResource, timestamp } from "../../src/resources/resource.ts";
import { put, type StoreChange, type Strategy } from "../store/decision.ts";
import { removed } from "../store/deletion.ts";

const PLURAL = namespaceKind.plural;
/** Every cluster has it, and it cannot be deleted. */
export const DEFAULT_NAMESPACE = "default";
/** Kubernetes sets it, for selectors. */
const NAME_LABEL = "kubernetes.io/metadata.name";
/** Stands in `spec.finalizers` until everything in the namespace is deleted. */
const CONTENT = "kubernetes";

export function newNamespace(name: string, { now, uid }: { now: number; uid(): string }): Namespace {
	const metadata = { name, uid: uid(), resourceVersion: "", creationTimestamp: timestamp(now) };
	return completed({ apiVersion: "v1", kind: "Namespace", metadata });
}

/** Writes of Namespaces. `lookup` gives the stored one of a name. */
export function namespaceStrategy(lookup: (name: string) => Namespace | undefined): Strategy {
	return {
		create(object) {
			const value = completed(object);
			return { ok: true, changes: [put(PLURAL, value)], value };
		},
		update(old, next) {
			const value = labelled({ ...next, spec: lookup(old.metadata.name)?.spec ?? { finalizers: [CONTENT] } });
			return { ok: true, changes: [put(PLURAL, value)], value };
		},
		delete(object, { now }) {
			const { name } = object.metadata;
			if (name === DEFAULT_NAMESPACE) return refuse(forbiddenBecause(namespaceKind, name, "this namespace may not be deleted"));
			const namespace = lookup(name);
			if (!namespace) return { ok: true, changes: [], value: object };
			if (namespace.metadata.deletionTimestamp === undefined) {
				const value = terminating(namespace, now);
				return { ok: true, changes: [put(PLURAL, value)], value };
			}
			if (namespace.spec.finalizers.length === 0) return { ok: true, changes: removed(PLURAL, namespace), value: object };
			// The last finalizer of its own may have gone, what is in it has not.
			const held = (namespace.metadata.finalizers ?? []).length > 0;
			return { ok: true, changes: held ? [put(PLURAL, object)] : [], value: object };
		},
	};
}

/** The end begins: from now on nothing new comes into the namespace. */
export function terminating(namespace: Namespace, now: number): Namespace {
	const { metadata } = namespace;
	const marked = { ...metadata, deletionTimestamp: metadata.deletionTimestamp ?? timestamp(now), deletionGracePeriodSeconds: 0 };
	return { ...namespace, metadata: marked, status: { ...namespace.status, phase: "Terminating" } };
}

/** Whether a Namespace was marked as deleted in a way that went past {@link terminating}. */
export function shouldTerminate({ metadata, status }: Namespace): boolean {
	return metadata.deletionTimestamp !== undefined && status?.phase !== "Terminating";
}

/** What follows when nothing is left in a namespace: it goes, unless a finalizer of its own holds it. */
export function emptied(namespace: Namespace): StoreChange[] {
	if (namespace.metadata.deletionTimestamp === undefined) return [];
	const left = namespace.spec.finalizers.filter((finalizer) => finalizer !== CONTENT);
	if (left.length === 0 && (namespace.metadata.finalizers ?? []).length === 0) return removed(PLURAL, namespace);
	if (left.length === namespace.spec.finalizers.length) return [];
	return [put(PLURAL, { ...namespace, spec: { ...namespace.spec, finalizers: left } })];
}

function completed(object: BaseResource): Namespace {
	const { generation: _, ...metadata } = object.metadata;
	return labelled({ ...object, metadata, spec: { finalizers: [CONTENT] }, status: { phase: "Active" } });
}

function labelled(namespace: Namespace): Namespace {
	const { metadata } = namespace;
	return { ...namespace, metadata: { ...metadata, labels: { ...metadata.labels, [NAME_LABEL]: metadata.name } } };
}
