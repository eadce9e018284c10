import { applyPatch, type Operation } from "rfc6902";
import { ApiError, failure } from "../status.ts";
import { isInsertion, isPointer, locate, type Place, tokensOf } from "./json-pointer.ts";
import { equalJson, isObject } from "./json-value.ts";
import { checkNesting } from "./nesting.ts";

/** Operations of one patch, as in Kubernetes. */
export const OPERATIONS_LIMIT = 10_000;
/** Characters of JSON that one patch may copy within an object: Kubernetes' limit of a request body. */
export const COPIED_LIMIT = 3 * 1024 * 1024;

const KINDS = ["add", "remove", "replace", "move", "copy", "test"] as const;

/**
 * Applies a JSON Patch (RFC 6902). The library changes what it is given and is lax about paths (inherited fields, indices
 * such as `1e0`, `-` where nothing can be added), so it works on a copy and is asked only for what was checked.
 * @throws ApiError 400 when it is no patch, 413 when it is too large, 422 when an operation does not apply
 */
export function applyJsonPatch(object: unknown, operations: unknown): unknown {
	if (!Array.isArray(operations)) throw malformed("A JSON patch is a list of operations.");
	if (operations.length > OPERATIONS_LIMIT) {
		const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${OPERATIONS_LIMIT}, got ${operations.length}`;
		throw new ApiError(failure("RequestEntityTooLarge", message));
	}
	checkNesting(operations);
	const patch = operations.map(operationOf);
	// Below one more level, the whole document is a field as well, which the library could not replace.
	const document = { "": structuredClone(object) };
	let copied = 0;
	for (const [index, operation] of patch.entries()) {
		const problem = problemOf(document, operation);
		if (problem !== undefined) throw doesNotApply(index, operation, problem);
		if (operation.op === "test") continue;
		if (operation.op === "copy") copied += sizeOf(locate(document, tokensOf(below(operation.from)))?.value);
		if (copied > COPIED_LIMIT) throw doesNotApply(index, operation, `the patch copies more than ${COPIED_LIMIT} characters`);
		const [error] = applyPatch(document, [atDocument(operation)]);
		if (error) throw doesNotApply(index, operation, error.message);
	}
	checkNesting(document[""]);
	return document[""];
}

function operationOf(operation: unknown, index: number): Operation {
	if (!isObject(operation)) throw malformed(`Operation ${index} is not an object.`);
	const { op, path, from, value } = operation;
	const kind = KINDS.find((name) => name === op);
	if (kind === undefined)
		throw malformed(`Operation ${index} has the op ${JSON.stringify(op) ?? "undefined"}, which is none of ${KINDS.join(", ")}.`);
	if (typeof path !== "string" || !isPointer(path))
		throw malformed(`Operation ${index} (${kind}) needs a path that is a JSON Pointer, such as /spec/model.`);
	if (kind === "remove") return { op: kind, path };
	if (kind === "move" || kind === "copy") {
		if (typeof from !== "string" || !isPointer(from))
			throw malformed(`Operation ${index} (${kind}) needs a from that is a JSON Pointer, such as /spec/model.`);
		return { op: kind, from, path };
	}
	if (value === undefined) throw malformed(`Operation ${index} (${kind} ${path}) has no value.`);
	return { op: kind, path, value };
}

/** Why an operation cannot be done; `undefined`: it can. */
function problemOf(document: unknown, operation: Operation): string | undefined {
	const tokens = tokensOf(below(operation.path));
	const place = locate(document, tokens);
	const nothing = `there is nothing at ${shown(operation.path)}`;
	switch (operation.op) {
		case "test":
			if (place?.value === undefined) return nothing;
			return equalJson(place.value, operation.value) ? undefined : `the value is ${excerpt(place.value)}, not ${excerpt(operation.value)}`;
		case "remove":
			if (operation.path === "") return "the whole object cannot be removed";
			return place?.value === undefined ? nothing : reserved(tokens);
		case "replace":
			return place?.value === undefined ? nothing : reserved(tokens);
		case "add":
			return insertion(place, operation.path) ?? reserved(tokens);
		default: {
			const fromTokens = tokensOf(below(operation.from));
			const source = locate(document, fromTokens);
			if (source?.value === undefined) return `there is nothing at ${shown(operation.from)}`;
			if (operation.op === "move" && operation.from === "") return "the whole object cannot be moved";
			const moved = operation.op === "move" && source.parent === place?.parent ? 1 : 0;
			return insertion(place, operation.path, moved) ?? reserved(tokens) ?? reserved([...fromTokens, ""]);
		}
	}
}

/** `fewer`: items that leave the list before one is added. */
function insertion(place: Place | undefined, path: string, fewer = 0): string | undefined {
	if (place === undefined) return `there is nothing to add ${shown(path)} to`;
	if (!Array.isArray(place.parent) || isInsertion(place.key, place.parent.length - fewer)) return undefined;
	return `the list has ${place.parent.length - fewer} items, so nothing can be added at ${JSON.stringify(place.key)}`;
}

/** The library skips these names on its way, and takes the first for what JavaScript means by it. */
function reserved(tokens: readonly string[]): string | undefined {
	const name = tokens.find(
		(token, index) => token === "__proto__" || (index < tokens.length - 1 && (token === "constructor" || token === "prototype")),
	);
	return name === undefined ? undefined : `a JSON patch cannot address ${JSON.stringify(name)}; send a merge patch`;
}

function below(path: string): string {
	return `/${path}`;
}

function atDocument(operation: Operation): Operation {
	if (operation.op === "move" || operation.op === "copy") return { ...operation, path: below(operation.path), from: below(operation.from) };
	return { ...operation, path: below(operation.path) };
}

function malformed(why: string): ApiError {
	return new ApiError(failure("BadRequest", `error decoding patch: ${why}`));
}

function doesNotApply(index: number, { op, path }: Operation, why: string): ApiError {
	const message = `the server rejected our request due to an error in our request: operation ${index} (${op} ${shown(path)}): ${why}`;
	return new ApiError(failure("Invalid", message));
}

function shown(path: string): string {
	return path === "" ? "the root" : path;
}

/** Characters of JSON. Operations could have made any depth of what they were given. */
function sizeOf(value: unknown): number {
	checkNesting(value);
	return JSON.stringify(value).length;
}

const EXCERPT_CHARACTERS = 100;

function excerpt(value: unknown): string {
	checkNesting(value);
	const text = JSON.stringify(value);
	return text.length <= EXCERPT_CHARACTERS ? text : `${text.slice(0, EXCERPT_CHARACTERS)}…`;
}
