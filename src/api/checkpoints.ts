import type { CheckpointRecord } from "../../durable-objects/workspace/checkpoint-record.ts";
import { apiVersionOf } from "../resources/kind.ts";
import { timestamp } from "../resources/resource.ts";
import { type Checkpoint, checkpointKind } from "../resources/virtual/checkpoint.ts";

/** As much of a manifest's name as people are shown, and type. */
const SHORT = 12;

/**
 * Checkpoints as the API serves them, oldest first. A session that was set back has one twice in its history; it is listed
 * once, as it was made.
 */
export function checkpointsOf(namespace: string, records: readonly CheckpointRecord[]): Checkpoint[] {
	const first = new Map<string, Checkpoint>();
	for (const record of records) {
		const checkpoint = first.get(record.name) ?? checkpointOf(namespace, record);
		first.set(record.name, record.current ? { ...checkpoint, current: true } : checkpoint);
	}
	return [...first.values()];
}

function checkpointOf(namespace: string, { name, at, files, bytes, storedBytes, callId, tool }: CheckpointRecord): Checkpoint {
	return {
		apiVersion: apiVersionOf(checkpointKind),
		kind: checkpointKind.kind,
		metadata: { name: name.slice(0, SHORT), namespace, uid: "", resourceVersion: "", creationTimestamp: timestamp(at) },
		manifest: name,
		files,
		bytes,
		storedBytes,
		...(callId !== undefined && { call: { id: callId, ...(tool !== undefined && { tool }) } }),
	};
}
