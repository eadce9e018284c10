import { agentKind } from "./agent/kind.ts";
import type { KindDefinition } from "./kind.ts";
import { nodeKind } from "./node/kind.ts";
import { sessionKind } from "./session/kind.ts";
import { taskKind } from "./task/kind.ts";

/** Every kind that klaw serves. */
export const KINDS: readonly KindDefinition[] = [agentKind, taskKind, sessionKind, nodeKind];

export function findKind(group: string, version: string, plural: string): KindDefinition | undefined {
	return KINDS.find((kind) => kind.plural === plural && kind.group === group && kind.version === version);
}
