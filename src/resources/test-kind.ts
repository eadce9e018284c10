/** For tests of kinds: what the API server says to a body, and what kubectl prints of an object. */
import { ApiError, type Cause } from "../api/status.ts";
import { columnsOf } from "../api/table.ts";
import { admit } from "./admit.ts";
import { apiVersionOf, type Cell, type KindDefinition } from "./kind.ts";
import type { BaseResource, ObjectMeta } from "./resource.ts";

/** When everything in these tests was made; {@link printed} looks at it five minutes later. */
export const CREATED = "2026-11-22T08:00:00Z";
const NOW = Date.parse(CREATED) + 300_000;

/** A body as the server stores it: checked, with every default. @throws ApiError with what is wrong */
export function admitted<T extends BaseResource>(kind: KindDefinition<T>, fields: object, metadata: Partial<ObjectMeta> = {}): T {
	const namespace = kind.scope === "Namespaced" ? "default" : undefined;
	const body = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: "x", ...metadata }, ...fields };
	const draft = admit({ kind, namespace, fieldValidation: "Strict" }, body);
	const object: BaseResource = {
		apiVersion: body.apiVersion,
		kind: kind.kind,
		metadata: { uid: "uid-x", resourceVersion: "1", creationTimestamp: CREATED, ...(namespace && { namespace }), ...body.metadata },
		...draft.fields,
	};
	return object as T;
}

/** What is wrong with a body: field, reason and message of each cause. `[]`: nothing. */
export function causesIn<T extends BaseResource>(kind: KindDefinition<T>, fields: object, metadata?: Partial<ObjectMeta>): string[] {
	try {
		const object = admitted(kind, fields, metadata);
		return (kind.validate?.(object) ?? []).map(said);
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		return error.status.details?.causes?.map(said) ?? [error.message];
	}
}

/** What is wrong with changing one object into another, written like {@link causesIn}. */
export function causesOfChange<T extends BaseResource>(kind: KindDefinition<T>, old: T, next: T): string[] {
	return (kind.validateUpdate?.(old, next) ?? []).map(said);
}

function said({ field, reason, message }: Cause): string {
	return `${field} ${reason}: ${message}`;
}

/** Names of the columns, in order. */
export function headings<T extends BaseResource>(kind: KindDefinition<T>, wide = false): string {
	const columns = columnsOf(kind).filter(({ priority = 0 }) => wide || priority === 0);
	return columns.map(({ name }) => name.toUpperCase()).join("  ");
}

/** The cells of an object, wide ones too, as one line. */
export function printed<T extends BaseResource>(kind: KindDefinition<T>, object: T): string {
	const cells: Cell[] = columnsOf(kind).map((column) => column.cell(object, NOW));
	return cells.join("  ");
}
