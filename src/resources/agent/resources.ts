import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { parseQuantity, quantity } from "../quantity.ts";

const CPU = "100m";
const MEMORY = "128Mi";
const DISK = "ephemeral-storage";

/** Bytes that a workspace may have when its agent states no limit of ephemeral-storage: 1 GiB. */
export const DEFAULT_WORKSPACE_LIMIT = 2 ** 30;

const amounts = z.strictObject({
	cpu: quantity.optional().describe("Cores, for example 500m or 2"),
	memory: quantity.optional().describe("Memory, for example 512Mi"),
	[DISK]: quantity.optional().describe("Disk of the workspace, for example 1Gi; as a limit the most that is kept of it, absent: 1Gi"),
});

export interface AgentResources {
	requests: { cpu: string; memory: string; [DISK]?: string };
	limits?: z.output<typeof amounts>;
}

/** What is asked for is, unless it is said, what is allowed at most, and else klaw's own default: as in Kubernetes. */
export const resourcesSchema = z
	.strictObject({
		requests: amounts
			.optional()
			.describe(`What a session needs of a node while it holds one; absent: the limits, or cpu ${CPU} and memory ${MEMORY}`),
		limits: amounts.optional().describe("What a session may use of a node at most"),
	})
	.transform(({ requests, limits }) => {
		const disk = requests?.[DISK] ?? limits?.[DISK];
		return {
			requests: {
				cpu: requests?.cpu ?? limits?.cpu ?? CPU,
				memory: requests?.memory ?? limits?.memory ?? MEMORY,
				...(disk === undefined ? {} : { [DISK]: disk }),
			},
			...(limits === undefined ? {} : { limits }),
		};
	});

/** The most that a workspace may hold, in bytes: what is beyond it is in no checkpoint. */
export function workspaceLimitBytes({ limits }: Pick<AgentResources, "limits">): number {
	const limit = limits?.[DISK];
	return limit === undefined ? DEFAULT_WORKSPACE_LIMIT : Math.floor(parseQuantity(limit));
}

/** Requests above their limits. */
export function excessiveRequests({ requests, limits = {} }: AgentResources): Cause[] {
	const pairs = [
		["cpu", requests.cpu, limits.cpu],
		["memory", requests.memory, limits.memory],
		[DISK, requests[DISK], limits[DISK]],
	] as const;
	return pairs.flatMap(([name, request, limit]): Cause[] =>
		request === undefined || limit === undefined || parseQuantity(request) <= parseQuantity(limit)
			? []
			: [
					{
						reason: "FieldValueInvalid",
						field: `spec.resources.requests.${name}`,
						message: `Invalid value: "${request}": must be less than or equal to ${name} limit of ${limit}`,
					},
				],
	);
}
