import type { ResourceQuotaSpec } from "../../resources/resourcequota/schema.ts";

/** What scopes ask of a session. */
export interface ScopedSession {
	priorityClassName?: string;
	/** It has a deadline. */
	isTerminating: boolean;
	/** It requests nothing. */
	isBestEffort: boolean;
}

interface Requirement {
	scopeName: string;
	operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
	values?: readonly string[];
}

/** Whether a quota is about a session (or, with none, about an object that is no session): scopes only ever mean sessions. */
export function isInScope(
	{ scopes = [], scopeSelector }: Pick<ResourceQuotaSpec, "scopes" | "scopeSelector">,
	session?: ScopedSession,
): boolean {
	const requirements: Requirement[] = [
		...scopes.map((scopeName): Requirement => ({ scopeName, operator: "Exists" })),
		...(scopeSelector?.matchExpressions ?? []),
	];
	return requirements.every((requirement) => session !== undefined && meets(session, requirement));
}

function meets(session: ScopedSession, { scopeName, operator, values = [] }: Requirement): boolean {
	switch (scopeName) {
		case "Terminating":
			return session.isTerminating;
		case "NotTerminating":
			return !session.isTerminating;
		case "BestEffort":
			return session.isBestEffort;
		case "NotBestEffort":
			return !session.isBestEffort;
		case "PriorityClass":
			return meetsPriority(session.priorityClassName, operator, values);
		default:
			// Affinity across namespaces: sessions have none.
			return false;
	}
}

function meetsPriority(name: string | undefined, operator: Requirement["operator"], values: readonly string[]): boolean {
	switch (operator) {
		case "In":
			return name !== undefined && values.includes(name);
		case "NotIn":
			return name === undefined || !values.includes(name);
		case "Exists":
			return name !== undefined;
		case "DoesNotExist":
			return name === undefined;
	}
}
