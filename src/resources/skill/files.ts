import type { Cause } from "../../api/status.ts";
import { shown } from "../metadata.ts";

export const SKILL_MD = "SKILL.md";

/** UTF-8 bytes of all files of a skill together. */
export const SKILL_LIMIT_BYTES = 1024 * 1024;

/** What is wrong with the files of a skill as files: which there are, what they are called, and how large they are. */
export function filesCauses({ content, files }: { content?: string | undefined; files?: Record<string, string> | undefined }): Cause[] {
	if (content === undefined && files === undefined)
		return [{ reason: "FieldValueRequired", field: "spec.content", message: "Required value: must have content or files" }];
	if (content !== undefined && files !== undefined)
		return [{ reason: "FieldValueForbidden", field: "spec.content", message: "Forbidden: may not be set when `files` is set" }];
	const causes: Cause[] = [];
	for (const path of Object.keys(files ?? {})) {
		const problem = pathProblem(path);
		if (problem)
			causes.push({ reason: "FieldValueInvalid", field: `spec.files[${path}]`, message: `Invalid value: ${shown(path)}: ${problem}` });
	}
	if (files !== undefined && files[SKILL_MD] === undefined)
		causes.push({ reason: "FieldValueRequired", field: `spec.files[${SKILL_MD}]`, message: "Required value: a skill has a SKILL.md" });
	const bytes = Object.values(files ?? { [SKILL_MD]: content ?? "" }).reduce(
		(sum, text) => sum + new TextEncoder().encode(text).byteLength,
		0,
	);
	if (bytes > SKILL_LIMIT_BYTES)
		causes.push({
			reason: "FieldValueTooLong",
			field: files === undefined ? "spec.content" : "spec.files",
			message: `Too long: may not be more than ${SKILL_LIMIT_BYTES} bytes`,
		});
	return causes;
}

/** Skills are unpacked on nodes, so no path may lead out of the skill's own directory. */
function pathProblem(path: string): string | undefined {
	if (path.length > 512) return "must be no more than 512 characters";
	if (path.startsWith("/")) return "must be relative";
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
	if (/[\\\u0000-\u001f]/.test(path)) return "must not contain backslashes or control characters";
	const wrong = path.split("/").find((part) => part === "" || part === "." || part === "..");
	return wrong === undefined ? undefined : `must not have the part "${wrong}"`;
}
