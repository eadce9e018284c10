import type { KindDefinition } from "../../resources/kind.ts";
import type { PatchType } from "../request.ts";

const EVERY: Readonly<Record<string, PatchType>> = {
	"application/json-patch+json": "json",
	"application/merge-patch+json": "merge",
	"application/apply-patch+yaml": "apply",
};
const KUBERNETES_OWN: Readonly<Record<string, PatchType>> = { ...EVERY, "application/strategic-merge-patch+json": "strategic" };

/**
 * How objects of a kind can be patched, by media type, in the order in which Kubernetes lists them. A strategic merge patch is for Kubernetes' own kinds, whose merge
 * rules its clients have built in; other kinds do not take one, as custom resources do not.
 */
export function patchMediaTypes({ group }: Pick<KindDefinition, "group">): Readonly<Record<string, PatchType>> {
	return group.includes(".") && !group.endsWith(".k8s.io") ? EVERY : KUBERNETES_OWN;
}
