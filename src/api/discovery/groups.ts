import type { KindDefinition } from "../../resources/kind.ts";

/** An API group with its versions, the preferred one first. */
export interface ApiGroup {
	/** `""` is the core group. */
	name: string;
	versions: ApiVersion[];
}

export interface ApiVersion {
	version: string;
	/** By plural. */
	kinds: KindDefinition[];
}

/** The kinds of a version that can be asked for. One without verbs is only the body of another kind's subresource. */
export function resourcesOf({ kinds }: ApiVersion): KindDefinition[] {
	return kinds.filter(({ verbs }) => verbs.length > 0);
}

/**
 * The groups of the kinds, the core group first. Otherwise groups and versions keep the order in which the kinds name
 * them: where two groups have a name in common, clients take the first.
 */
export function groupsOf(kinds: readonly KindDefinition[]): ApiGroup[] {
	const groups = new Map<string, Map<string, KindDefinition[]>>([["", new Map()]]);
	for (const kind of kinds) {
		const versions = groups.get(kind.group) ?? new Map<string, KindDefinition[]>();
		groups.set(kind.group, versions.set(kind.version, [...(versions.get(kind.version) ?? []), kind]));
	}
	return [...groups].map(([name, versions]) => ({
		name,
		versions: [...versions].map(([version, members]) => ({ version, kinds: members.toSorted(byPlural) })),
	}));
}

function byPlural(a: KindDefinition, b: KindDefinition): number {
	return a.plural < b.plural ? -1 : 1;
}
