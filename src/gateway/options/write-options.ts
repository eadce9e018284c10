import type { PatchType, WriteOptions } from "../../api/request.ts";
import type { Cause } from "../../api/status.ts";
import { flag, forbidden, notSupported, type OptionsKind, type Query, refuseOptions, text } from "./query.ts";

/** UTF-8 bytes of a field manager's name, as in Kubernetes. */
const MANAGER_LIMIT_BYTES = 128;

const FIELD_VALIDATIONS = ["", "Ignore", "Strict", "Warn"];

/** Options of a create or an update. @throws ApiError 422 */
export function writeOptions(kind: OptionsKind, query: Query, userAgent: string | undefined): WriteOptions {
	refuseOptions(kind, writeCauses(query));
	return { dryRun: isDryRun(query), fieldManager: fieldManager(query, userAgent), fieldValidation: fieldValidation(query) };
}

export interface PatchOptions {
	write: WriteOptions;
	/** Takes fields from other managers. */
	force?: boolean;
}

/** @throws ApiError 422 */
export function patchOptions(patch: PatchType, query: Query, userAgent: string | undefined): PatchOptions {
	const causes = writeCauses(query);
	if (patch === "apply" && text(query, "fieldManager") === undefined) {
		causes.push({ reason: "FieldValueRequired", field: "fieldManager", message: "Required value: is required for apply patch" });
	}
	const force = flag(query, "force");
	if (patch !== "apply" && force !== undefined) causes.push(forbidden("force", "may not be specified for non-apply patch"));
	refuseOptions("PatchOptions", causes);
	const write = { dryRun: isDryRun(query), fieldManager: fieldManager(query, userAgent), fieldValidation: fieldValidation(query) };
	return force === undefined ? { write } : { write, force };
}

/** What is wrong with `dryRun`: the only value is `All`. */
export function dryRunCauses(values: readonly string[]): Cause[] {
	if (values.every((value) => value === "All")) return [];
	return [notSupported("dryRun", `[]string{${values.map((value) => JSON.stringify(value)).join(", ")}}`, ["All"])];
}

export function dryRunValues(query: Query): string[] {
	return query.getAll("dryRun").filter((value) => value !== "");
}

function isDryRun(query: Query): boolean {
	return dryRunValues(query).length > 0;
}

function writeCauses(query: Query): Cause[] {
	const validation = query.get("fieldValidation") ?? "";
	return [
		...dryRunCauses(dryRunValues(query)),
		...managerCauses(query.get("fieldManager") ?? ""),
		...(FIELD_VALIDATIONS.includes(validation)
			? []
			: [notSupported("fieldValidation", JSON.stringify(validation.slice(0, 100)), FIELD_VALIDATIONS)]),
	];
}

function managerCauses(manager: string): Cause[] {
	if (new TextEncoder().encode(manager).byteLength > MANAGER_LIMIT_BYTES) {
		const message = `Too long: may not be more than ${MANAGER_LIMIT_BYTES} bytes`;
		return [{ reason: "FieldValueTooLong", field: "fieldManager", message }];
	}
	const position = [...manager].findIndex((character) => !PRINTABLE.test(character));
	if (position === -1) return [];
	const code = manager.codePointAt(position)?.toString(16).toUpperCase().padStart(4, "0");
	const message = `Invalid value: ${JSON.stringify(manager)}: invalid character U+${code} (at position ${position})`;
	return [{ reason: "FieldValueInvalid", field: "fieldManager", message }];
}

/** Letters, marks, numbers, punctuation, symbols and the plain space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Who does not say who manages the fields is called after their program: `kubectl/v1.32.4 (linux/amd64)` is `kubectl`. */
function fieldManager(query: Query, userAgent = ""): string {
	const named = text(query, "fieldManager");
	if (named !== undefined) return named;
	const program = [...(userAgent.split("/", 1)[0] ?? "")].filter((character) => PRINTABLE.test(character)).join("");
	return program.slice(0, MANAGER_LIMIT_BYTES) || "unknown";
}

/** Kubernetes warns of unknown fields unless it is told otherwise. */
function fieldValidation(query: Query): WriteOptions["fieldValidation"] {
	const value = query.get("fieldValidation");
	return value === "Strict" || value === "Ignore" ? value : "Warn";
}
