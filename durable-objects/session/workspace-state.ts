import type { WorkspaceState } from "../../containers/node/checkpoint/protocol.ts";
import type { SessionLimits } from "../../containers/node/protocol.ts";
import { workspaceLimitBytes } from "../../src/resources/agent/resources.ts";
import type { AgentSpec } from "../../src/resources/agent/schema.ts";
import { parseQuantity } from "../../src/resources/quantity.ts";
import type { SessionState } from "./state.ts";

/** What the workspace is to be when the next call begins. */
export function workspaceState(
	{ epoch, head, uncheckpointed, dirty }: Pick<SessionState, "epoch" | "head" | "uncheckpointed" | "dirty">,
	{ resources }: Pick<AgentSpec, "resources">,
	checkpoints: boolean,
): WorkspaceState {
	return {
		...{ epoch, checkpoints, limitBytes: workspaceLimitBytes(resources) },
		...(head !== undefined && { checkpoint: head }),
		...((uncheckpointed || dirty.size > 0) && { here: true }),
	};
}

/** What a session may use of its node at most: its agent's limits. */
export function sessionLimits({ resources: { limits } }: Pick<AgentSpec, "resources">): SessionLimits | undefined {
	if (limits === undefined) return undefined;
	const { cpu, memory, "ephemeral-storage": disk } = limits;
	return {
		...(cpu !== undefined && { cpu: parseQuantity(cpu) }),
		...(memory !== undefined && { memory: Math.floor(parseQuantity(memory)) }),
		...(disk !== undefined && { ephemeralStorage: Math.floor(parseQuantity(disk)) }),
	};
}
