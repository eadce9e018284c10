import type * as z from "zod";
import type { Cause, CauseReason } from "../api/status.ts";
import { shown } from "./metadata.ts";

type Issue = z.core.$ZodIssue;

/** A failed schema as Kubernetes' causes. `root` is the path of what was parsed; `input` is what was parsed. */
export function causesOf(error: z.ZodError, root: string, input: unknown): Cause[] {
	return error.issues.flatMap((issue) => {
		const field = fieldPath(root, issue.path);
		if (issue.code === "unrecognized_keys") {
			return issue.keys.map((key): Cause => {
				const path = fieldPath(root, [...issue.path, key]);
				return { reason: "FieldValueForbidden", field: path, message: `unknown field "${path}"` };
			});
		}
		const value = valueAt(input, issue.path);
		if (value === undefined) return [{ reason: "FieldValueRequired", field, message: `Required value: ${said(issue, value)}` }];
		const reason = reasonOf(issue);
		// What is too long is not quoted back.
		if (reason === "FieldValueTooLong") return [{ reason, field, message: said(issue, value) }];
		return [{ reason, field, message: `Invalid value: ${shown(value)}: ${said(issue, value)}` }];
	});
}

/** @example fieldPath("spec", ["tools", 0]) // "spec.tools[0]" */
export function fieldPath(root: string, path: readonly PropertyKey[]): string {
	let text = root;
	for (const key of path) text += typeof key === "number" ? `[${key}]` : `${text === "" ? "" : "."}${String(key)}`;
	return text;
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
	if (issue.code === "invalid_type") return `must be a ${issue.expected === "int" ? "whole number" : issue.expected}`;
	if (issue.code === "too_big" && issue.origin === "string" && typeof value === "string")
		return `Too long: ${value.length} characters, and at most ${issue.maximum} are accepted`;
	return issue.message;
}
