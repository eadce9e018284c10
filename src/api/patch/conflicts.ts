import type { FieldsV1, ManagedFieldsEntry } from "../../resources/resource.ts";
import { type Cause, failure, type Status } from "../status.ts";
import { fieldsIn, intersection, isEmpty } from "./field-set.ts";
import type { Manager } from "./managed-fields.ts";
import { pathText } from "./structure.ts";

/** Fields that an apply would change and that another manager owns. */
export interface Conflict {
	manager: Manager;
	fields: FieldsV1;
}

export function conflictsOver(changed: FieldsV1, others: readonly ManagedFieldsEntry[]): Conflict[] {
	return others.map((manager) => ({ manager, fields: intersection(manager.fieldsV1, changed) })).filter(({ fields }) => !isEmpty(fields));
}

/** 409 in Kubernetes' words, which kubectl shows with advice of its own. */
export function conflictStatus(conflicts: readonly Conflict[]): Status {
	const named = conflicts
		.map(({ manager, fields }) => ({ manager: managerText(manager), paths: fieldsIn(fields).map(pathText) }))
		.sort((a, b) => (a.manager < b.manager ? -1 : 1));
	const causes = named.flatMap(({ manager, paths }) =>
		paths.map((field): Cause => ({ reason: "FieldManagerConflict", message: `conflict with ${manager}`, field })),
	);
	const list = named.flatMap(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)]).join("\n");
	const [only] = causes;
	const message =
		causes.length === 1 && only
			? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
			: `Apply failed with ${causes.length} conflicts: ${list}`;
	return failure("Conflict", message, { causes });
}

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
	const name = JSON.stringify(manager) + (subresource === undefined ? "" : ` with subresource ${JSON.stringify(subresource)}`);
	return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
