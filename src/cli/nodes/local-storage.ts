import type { ServerObject } from "../write/resource-client.ts";

type PodObject = ServerObject & { spec?: { volumes?: readonly { emptyDir?: unknown }[] } };

/** Files of the pod are on its node and nowhere else. */
export function hasLocalStorage({ spec }: PodObject): boolean {
	return spec?.volumes?.some(({ emptyDir }) => emptyDir !== undefined && emptyDir !== null) ?? false;
}

/** Why they are not evicted, in kubectl's words. */
export function localStorageRefusal(pods: readonly ServerObject[]): string {
	return `cannot delete Pods with local storage (use --delete-emptydir-data to override): ${namesOf(pods)}`;
}

/** `namespace/name`, with commas. */
export function namesOf(pods: readonly ServerObject[]): string {
	return pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(", ");
}
