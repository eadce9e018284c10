import type { PriorityClass } from "./kind.ts";

/** What a session has of its class. */
export interface Priority {
	/** Name of the class; absent: none was named, and there is no default. */
	className?: string;
	value: number;
	preemptionPolicy: PriorityClass["preemptionPolicy"];
}

/** The classes of a cluster by name, as much as namespaces need of them. */
export type PriorityClasses = Readonly<Record<string, Pick<PriorityClass, "value" | "preemptionPolicy"> & { globalDefault?: boolean }>>;

export const NO_PRIORITY: Priority = { value: 0, preemptionPolicy: "PreemptLowerPriority" };

/**
 * The priority of a class, or without a name that of the default class. `undefined`: there is no class of that name.
 * @example priorityOf({ high: { value: 9, preemptionPolicy: "Never" } }, "high")?.value // 9
 */
export function priorityOf(classes: PriorityClasses, name: string | undefined): Priority | undefined {
	const className = name ?? Object.keys(classes).find((known) => classes[known]?.globalDefault);
	if (className === undefined) return NO_PRIORITY;
	const found = Object.hasOwn(classes, className) ? classes[className] : undefined;
	return found && { className, value: found.value, preemptionPolicy: found.preemptionPolicy };
}

/** Classes as they are stored, by name. */
export function priorityClasses(stored: Iterable<PriorityClass>): PriorityClasses {
	return Object.fromEntries(
		Array.from(stored, ({ metadata, value, preemptionPolicy, globalDefault }) => [
			metadata.name,
			{ value, preemptionPolicy, ...(globalDefault && { globalDefault }) },
		]),
	);
}
