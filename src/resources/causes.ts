import type * as z from "zod";
import type { Cause, CauseReason } from "../api/status.ts";
import { shown } from "./metadata.ts";

type Issue = z.core.$ZodIssue;

/**
 * A failed schema as Kubernetes' causes. `root` is the path of what was parsed; `input` is what was parsed. An issue with
 * `params: {hidden: true}` does not quote the value.
 */
export function causesOf(error: z.ZodError, root: string, input: unknown): Cause[] {
	return error.issues.flatMap((issue) => causes(issue, root, input));
}

function causes(issue: Issue, root: string, input: unknown): Cause[] {
	const field = fieldPath(root, issue.path);
	if (issue.code === "unrecognized_keys") {
		return issue.keys.map((key): Cause => {
			const path = fieldPath(root, [...issue.path, key]);
			return { reason: "FieldValueForbidden", field: path, message: `unknown field "${path}"` };
		});
	}
	if (issue.code === "invalid_key") {
		const [problem] = issue.issues;
		const key = String(issue.path.at(-1));
		return [{ reason: "FieldValueInvalid", field, message: `Invalid value: ${shown(key)}: ${problem?.message ?? issue.message}` }];
	}
	const value = valueAt(input, issue.path);
	if (value === undefined) return [{ reason: "FieldValueRequired", field, message: `Required value: ${said(issue, value)}` }];
	const branch = issue.code === "invalid_union" ? branchFor(issue.errors) : undefined;
	if (branch) return branch.flatMap((inner) => causes({ ...inner, path: [...issue.path, ...inner.path] }, root, input));
	const reason = reasonOf(issue);
	// What is too long is not quoted back, nor is what is secret.
	if (reason === "FieldValueTooLong") return [{ reason, field, message: said(issue, value) }];
	if (isHidden(issue)) return [{ reason, field, message: `Invalid value: ${said(issue, value)}` }];
	if (issue.code === "invalid_value") {
		const supported = issue.values.map((each) => `"${String(each)}"`).join(", ");
		return [{ reason, field, message: `Unsupported value: ${shown(value)}: supported values: ${supported}` }];
	}
	return [{ reason, field, message: `Invalid value: ${shown(value)}: ${said(issue, value)}` }];
}

/** The one alternative that took the value's type and found something wrong inside; the others are beside the point. */
function branchFor(alternatives: readonly Issue[][]): Issue[] | undefined {
	const inside = alternatives.filter((issues) => issues.every((issue) => issue.path.length > 0 || issue.code !== "invalid_type"));
	return inside.length === 1 ? inside[0] : undefined;
}

const PLAIN_KEY = /^[\w-]+$/;

/** @example fieldPath("spec", ["tools", 0]) // "spec.tools[0]"; fieldPath("data", ["a.b"]) // "data[a.b]" */
export function fieldPath(root: string, path: readonly PropertyKey[]): string {
	let text = root;
	for (const key of path) {
		const plain = typeof key !== "number" && PLAIN_KEY.test(String(key));
		text += plain ? `${text === "" ? "" : "."}${String(key)}` : `[${String(key)}]`;
	}
	return text;
}

function isHidden(issue: Issue): boolean {
	return issue.code === "custom" && issue.params?.hidden === true;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
	let value = input;
	for (const key of path) {
		if (typeof value !== "object" || value === null) return undefined;
		value = Reflect.get(value, key);
	}
	return value;
}

function reasonOf(issue: Issue): CauseReason {
	if (issue.code === "invalid_type" || issue.code === "invalid_union") return "FieldValueTypeInvalid";
	if (issue.code === "invalid_value") return "FieldValueNotSupported";
	if (issue.code === "too_big" && issue.origin === "string") return "FieldValueTooLong";
	if (issue.code === "custom" && issue.params?.reason === "FieldValueTooLong") return "FieldValueTooLong";
	return "FieldValueInvalid";
}

function said(issue: Issue, value: unknown): string {
	if (issue.code === "invalid_type")
		return `must be ${issue.expected === "int" ? "a whole number" : `${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`}`;
	if (issue.code === "too_small" && issue.origin === "number")
		return `must be greater than ${issue.inclusive ? "or equal to " : ""}${issue.minimum}`;
	if (issue.code === "too_big" && issue.origin === "number")
		return `must be less than ${issue.inclusive ? "or equal to " : ""}${issue.maximum}`;
	if (issue.code === "too_big" && issue.origin === "string" && typeof value === "string")
		return `Too long: ${value.length} characters, and at most ${issue.maximum} are accepted`;
	return issue.message;
}
