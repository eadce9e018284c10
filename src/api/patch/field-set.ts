/**
 * Sets of fields, in the form in which `metadata.managedFields` has them (FieldsV1): a tree whose keys are path elements.
 * `{}` is a field of the set; `"."` marks one that has fields of the set below it; the root is no field, so `{}` there is
 * the empty set. Nothing here changes its arguments, and what comes out the same is the same object.
 */
import type { FieldsV1 } from "../../resources/resource.ts";

const SELF = ".";
export const EMPTY: FieldsV1 = {};

/** Whether the field at this node is itself in the set, apart from those below it. */
export function isMember(node: FieldsV1 | undefined): boolean {
	if (node === undefined) return false;
	return SELF in node || isEmpty(node);
}

export function isEmpty(set: FieldsV1): boolean {
	for (const _ in set) return false;
	return true;
}

/** A node with what is below it, which is a field of the set itself. */
export function withSelf(node: FieldsV1): FieldsV1 {
	return isMember(node) ? node : { [SELF]: EMPTY, ...node };
}

/** What is below a node. */
export function below(node: FieldsV1 | undefined): FieldsV1 {
	if (node === undefined) return EMPTY;
	if (!(SELF in node)) return node;
	const { [SELF]: _, ...rest } = node;
	return rest;
}

export function union(a: FieldsV1, b: FieldsV1): FieldsV1 {
	if (isEmpty(b)) return a;
	if (isEmpty(a)) return b;
	const joined = { ...a };
	for (const [element, node] of Object.entries(b)) {
		const own = a[element];
		if (own === undefined) joined[element] = node;
		else if (element !== SELF) joined[element] = nodeOf(isMember(own) || isMember(node), union(below(own), below(node)), own);
	}
	return same(a, joined);
}

/** The fields of `a` that are not in `b`. */
export function difference(a: FieldsV1, b: FieldsV1): FieldsV1 {
	return select(a, b, false);
}

/** The fields that are in both. */
export function intersection(a: FieldsV1, b: FieldsV1): FieldsV1 {
	return select(a, b, true);
}

/** The fields of `a` that are, or are not, in `b`. */
function select(a: FieldsV1, b: FieldsV1, inB: boolean): FieldsV1 {
	const kept: FieldsV1 = {};
	for (const [element, node] of Object.entries(a)) {
		if (element === SELF) continue;
		const other = b[element];
		if (other === undefined) {
			if (!inB) kept[element] = node;
			continue;
		}
		const rest = select(node, other, inB);
		const stays = isMember(node) && isMember(other) === inB;
		if (stays || !isEmpty(rest)) kept[element] = nodeOf(stays, rest, node);
	}
	return same(a, kept);
}

/** A node that is in the set itself or not, with what is below it. */
function nodeOf(inSet: boolean, rest: FieldsV1, old: FieldsV1): FieldsV1 {
	return same(old, inSet && !isEmpty(rest) ? { [SELF]: old[SELF] ?? EMPTY, ...rest } : rest);
}

/** `old`, if `next` has the same nodes. */
function same(old: FieldsV1, next: FieldsV1): FieldsV1 {
	const keys = Object.keys(next);
	return keys.length === Object.keys(old).length && keys.every((key) => old[key] === next[key]) ? old : next;
}

/** Every field of a set, as its path elements. */
export function fieldsIn(set: FieldsV1, path: readonly string[] = []): string[][] {
	return Object.entries(set).flatMap(([element, node]) => {
		if (element === SELF) return [];
		const here = [...path, element];
		return [...(isMember(node) ? [here] : []), ...fieldsIn(node, here)];
	});
}

/** The set with its elements in order, as Kubernetes writes it. */
export function ordered(set: FieldsV1): FieldsV1 {
	const keys = Object.keys(set);
	let same = true;
	const entries = keys.map((key, index): [string, FieldsV1] => {
		const node = set[key] ?? EMPTY;
		const sorted = ordered(node);
		if (sorted !== node || (index > 0 && (keys[index - 1] ?? "") > key)) same = false;
		return [key, sorted];
	});
	return same ? set : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
