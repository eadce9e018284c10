import { CliError } from "../errors.ts";
import type { KubeObject } from "../objects.ts";
import { goValue } from "../output/go-value.ts";
import { evaluatePath, parsePath } from "../output/jsonpath.ts";

/** What `wait` waits for. */
export interface Condition {
	/** What it means that there is no such object: `met`, `never` (an error), or that it may `come`. */
	absent: "met" | "never" | "come";
	/** @throws CliError for an object of which it cannot be said */
	isMet(object: KubeObject): boolean;
}

/** Reads the value of `--for`. @throws CliError in kubectl's words */
export function parseCondition(text: string): Condition {
	if (text.toLowerCase() === "delete") return { absent: "met", isMet: () => false };
	if (text.toLowerCase() === "create") return { absent: "come", isMet: () => true };
	if (text.startsWith("condition=")) return statusCondition(text.slice("condition=".length));
	if (text.startsWith("jsonpath=")) return jsonpathCondition(text.slice("jsonpath=".length));
	throw new CliError(`unrecognized condition: "${text}"`);
}

/** `Ready` or `Ready=False`, in any case. */
function statusCondition(text: string): Condition {
	const [type = "", value = "true"] = text.split("=").map((part) => part.toLowerCase());
	return {
		absent: "never",
		isMet({ metadata, status }) {
			const conditions: unknown = status?.conditions;
			const found = (Array.isArray(conditions) ? conditions : []).find((one) => String(one?.type).toLowerCase() === type);
			if (!found) return false;
			// A condition of an older spec says nothing of this one.
			const observed: unknown = found.observedGeneration ?? status?.observedGeneration;
			if (typeof observed === "number" && observed < (metadata.generation ?? 0)) return false;
			return String(found.status).toLowerCase() === value;
		},
	};
}

/** `{.status.phase}` (there is one) or `{.status.phase}=Ready`. */
function jsonpathCondition(text: string): Condition {
	const [, expression = "", equals, value = ""] = /^(\{[\s\S]*\}|[^=]*)(?:(=)([\s\S]*))?$/.exec(text) ?? [];
	if (expression === "") throw new CliError("jsonpath expression cannot be empty");
	if (equals !== undefined && value === "") throw new CliError("jsonpath wait value cannot be empty");
	const wanted = equals === undefined ? undefined : value.replace(/^(["'])([\s\S]*)\1$/, "$2");
	const path = parsePath(expression);
	return {
		absent: "never",
		isMet(object) {
			const values = evaluatePath(path, object);
			const [only] = values;
			if (values.length === 0) return false;
			if (wanted === undefined) return true;
			if (values.length > 1) throw new CliError("given jsonpath expression matches more than one value");
			if (typeof only === "object" && only !== null) throw new CliError("jsonpath leads to a nested object or list which is not supported");
			return goValue(only) === wanted;
		},
	};
}
