import type { ApiResource } from "./api-resource.ts";

const klaw = { group: "klaw.sh", version: "v1", namespaced: true, shortNames: [], categories: [], verbs: [] };

/**
 * The types that klaw's own verbs (`dispatch`, `chat`, `cancel` …) are about: those need no discovery. All others are
 * found by the resource mapper.
 */
export const TASK: ApiResource = { ...klaw, kind: "Task", plural: "tasks", singular: "task" };
export const SESSION: ApiResource = { ...klaw, kind: "Session", plural: "sessions", singular: "session", shortNames: ["sess"] };
export const POD: ApiResource = { ...klaw, group: "", kind: "Pod", plural: "pods", singular: "pod" };
export const PLACEMENT_REVIEW: ApiResource = { ...klaw, kind: "PlacementReview", plural: "placementreviews", singular: "placementreview" };
export const NODE: ApiResource = { ...klaw, group: "", kind: "Node", plural: "nodes", singular: "node", namespaced: false };
export const NODE_JOIN_TOKEN: ApiResource = {
	...klaw,
	kind: "NodeJoinToken",
	plural: "nodejointokens",
	singular: "nodejointoken",
	namespaced: false,
};

/** Reads `task/NAME` or `session/NAME`; `undefined` for everything else. */
export function taskOrSession(word: string): { resource: ApiResource; name: string } | undefined {
	const slash = word.indexOf("/");
	const type = word.slice(0, Math.max(slash, 0)).toLowerCase();
	const name = word.slice(slash + 1);
	const resource = [TASK, SESSION].find(({ plural, singular, shortNames, group }) =>
		[plural, singular, ...shortNames, `${plural}.${group}`, `${singular}.${group}`].includes(type),
	);
	return resource && name !== "" ? { resource, name } : undefined;
}
