import type { KindDefinition } from "../../resources/kind.ts";
import type { BaseResource } from "../../resources/resource.ts";
import { ApiError, failure } from "../status.ts";

export interface FieldRequirement {
	/** Path of the field, such as `status.phase`. */
	field: string;
	operator: "=" | "!=";
	value: string;
}

/** Which objects are meant, by their fields. */
export interface FieldSelector {
	/** Matches everything. */
	readonly empty: boolean;
	readonly requirements: readonly FieldRequirement[];
	matches(object: BaseResource): boolean;
}

type SelectableKind = Pick<KindDefinition, "selectableFields">;
type Read = (object: BaseResource) => string;

const EVERY_KIND: Readonly<Record<string, Read>> = {
	"metadata.name": ({ metadata }) => metadata.name,
	"metadata.namespace": ({ metadata }) => metadata.namespace ?? "",
};

/**
 * Reads the text of `fieldSelector`: `a.b=c`, `a.b==c`, `a.b!=c`, all of which must hold; `\,`, `\=` and `\\` stand for
 * themselves in values.
 * @throws ApiError 400 in Kubernetes' words, also for fields that objects of the kind are not selected by
 */
export function parseFieldSelector(text: string | undefined, kind: SelectableKind): FieldSelector {
	const requirements = parseFieldRequirements(text);
	const reads = requirements.map(({ field, operator, value }) => {
		const read = readOf(kind, field);
		return operator === "=" ? (object: BaseResource) => read(object) === value : (object: BaseResource) => read(object) !== value;
	});
	return { empty: reads.length === 0, requirements, matches: (object) => reads.every((read) => read(object)) };
}

/**
 * The one name that a selector allows, for RBAC: as in Kubernetes a list or watch with `metadata.name=x` is of x.
 * `undefined` too for text that is no selector, which the list itself refuses.
 */
export function selectedName(text: string | undefined): string | undefined {
	if (!text?.includes("metadata.name")) return undefined;
	try {
		const exact = ({ field, operator }: FieldRequirement) => field === "metadata.name" && operator === "=";
		return parseFieldRequirements(text).find(exact)?.value;
	} catch (error) {
		if (error instanceof ApiError) return undefined;
		throw error;
	}
}

function readOf({ selectableFields = {} }: SelectableKind, field: string): Read {
	if (Object.hasOwn(EVERY_KIND, field) && EVERY_KIND[field]) return EVERY_KIND[field];
	if (Object.hasOwn(selectableFields, field) && selectableFields[field]) return selectableFields[field];
	throw refused(`field label not supported: ${field}`);
}

function parseFieldRequirements(text = ""): FieldRequirement[] {
	return terms(text)
		.filter((term) => term !== "")
		.map((term) => {
			const operator = /!=|==|=/.exec(term);
			if (!operator) throw refused(`invalid selector: '${text}'; can't understand '${term}'`);
			const value = unescaped(term.slice(operator.index + operator[0].length));
			return { field: term.slice(0, operator.index), operator: operator[0] === "!=" ? "!=" : "=", value };
		});
}

/** Splits at the commas that have no backslash before them. */
function terms(text: string): string[] {
	return text.match(/(?:\\[\s\S]|[^,\\]|\\$)+/g) ?? [];
}

function unescaped(value: string): string {
	return value.replace(/\\([\s\S]?)|=/g, (sequence, escaped: string | undefined) => {
		// Kubernetes prints the number of the character here.
		if (sequence === "=") throw refused(`invalid field selector: unescaped character in value: ${"=".charCodeAt(0)}`);
		if (escaped === "," || escaped === "=" || escaped === "\\") return escaped;
		throw refused(`invalid field selector: invalid escape sequence: ${sequence}`);
	});
}

function refused(message: string): ApiError {
	return new ApiError(failure("BadRequest", message));
}
