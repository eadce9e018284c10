import * as z from "zod";
import { ageColumn, NONE } from "../columns.ts";
import type { KindDefinition } from "../kind.ts";
import { type Session, sessionKind } from "../session/kind.ts";
import { type Pod, podOf } from "./pod-of.ts";
import { podSpecSchema, podStatusSchema } from "./schema.ts";

export type { Pod } from "./pod-of.ts";

export const podKind: KindDefinition<Pod> = {
	group: "",
	version: "v1",
	kind: "Pod",
	plural: "pods",
	singular: "pod",
	shortNames: ["po"],
	categories: ["all"],
	scope: "Namespaced",
	verbs: ["delete", "deletecollection", "get", "list", "watch"],
	subresources: [
		{ name: "log", verbs: ["get"] },
		{ name: "exec", verbs: ["create", "get"] },
		{ name: "eviction", verbs: ["create"], body: { group: "policy", version: "v1", kind: "Eviction" } },
	],
	description: "A Pod is a Session as kubectl's logs, exec, top and drain know it. It is made and deleted with the session.",
	names: "label",
	schema: z.object({ spec: podSpecSchema.describe("What runs, and where") }),
	status: podStatusSchema,
	selectableFields: {
		"status.phase": ({ status }) => status.phase,
		"spec.nodeName": ({ spec }) => spec.nodeName ?? "",
		"spec.serviceAccountName": ({ spec }) => spec.serviceAccountName ?? "",
		"spec.restartPolicy": ({ spec }) => spec.restartPolicy,
	},
	projection: { of: sessionKind.plural, read: (stored) => podOf(stored as Session) },
	columns: [
		{ name: "Ready", type: "string", description: "Containers that are ready, of all", cell: readyContainers },
		{
			name: "Status",
			type: "string",
			description: "How it stands",
			cell: statusOf,
		},
		{ name: "Restarts", type: "string", description: "How often it was restarted", cell: restarts },
		ageColumn,
		{ name: "IP", type: "string", description: "Sessions have no address", priority: 1, cell: () => NONE },
		{ name: "Node", type: "string", description: "Where it is", priority: 1, cell: ({ spec }) => spec.nodeName ?? NONE },
		{ name: "Nominated Node", type: "string", description: "Sessions are nominated for none", priority: 1, cell: () => NONE },
		{ name: "Readiness Gates", type: "string", description: "Sessions have none", priority: 1, cell: () => NONE },
	],
};

function statusOf({ metadata, status }: Pod): string {
	if (metadata.deletionTimestamp !== undefined) return "Terminating";
	return status.phase;
}

function readyContainers({ spec, status }: Pod): string {
	return `${status.containerStatuses.filter(({ ready }) => ready).length}/${spec.containers.length}`;
}

function restarts({ status }: Pod): string {
	return String(status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0));
}
