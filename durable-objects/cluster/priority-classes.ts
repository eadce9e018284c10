import { forbiddenBecause } from "../../src/api/rbac/forbidden.ts";
import type { Status } from "../../src/api/status.ts";
import { apiVersionOf } from "../../src/resources/kind.ts";
import { type PriorityClass, priorityClassKind } from "../../src/resources/priorityclass/kind.ts";
import { SYSTEM_CLASSES } from "../../src/resources/priorityclass/system-classes.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { put, type StoreChange } from "../store/decision.ts";
import type { Admission } from "../store/owner.ts";
import type { BootstrapStamp } from "./bootstrap.ts";

/** What a cluster lacks of the classes that every cluster has. */
export function missingSystemClasses(lookup: (name: string) => PriorityClass | undefined, { now, uid }: BootstrapStamp): StoreChange[] {
	return SYSTEM_CLASSES.filter(({ name }) => !lookup(name)).map(({ name, value, description }) => {
		const metadata = { name, uid: uid(), resourceVersion: "", generation: 1, creationTimestamp: timestamp(now) };
		const object: PriorityClass = {
			...{ apiVersion: apiVersionOf(priorityClassKind), kind: priorityClassKind.kind, metadata },
			...{ value, description, preemptionPolicy: "PreemptLowerPriority" },
		};
		return put(priorityClassKind.plural, object);
	});
}

/** One class at most is for those that name none; Kubernetes' words. */
export function refuseSecondDefault(
	classes: () => Iterable<PriorityClass>,
	{ kind, object }: Pick<Admission, "kind" | "object">,
): Status | undefined {
	const { name } = object.metadata;
	if (kind.plural !== priorityClassKind.plural || !(object as PriorityClass).globalDefault) return undefined;
	const other = [...classes()].find(({ globalDefault, metadata }) => globalDefault && metadata.name !== name);
	if (!other) return undefined;
	const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
	return forbiddenBecause(priorityClassKind, name, why);
}
