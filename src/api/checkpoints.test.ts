import { expect, it } from "vitest";
import type { CheckpointRecord } from "../../durable-objects/workspace/checkpoint-record.ts";
import { checkpointsOf } from "./checkpoints.ts";

const record = (letter: string, more: Partial<CheckpointRecord> = {}): CheckpointRecord => ({
	...{ name: letter.repeat(64), files: 2, bytes: 30, storedBytes: 10, at: Date.UTC(2026, 9, 21), current: false },
	...more,
});

it("a checkpoint is called by the beginning of its manifest's name, and says whose call made it", () => {
	expect(checkpointsOf("ns", [record("a", { callId: "c1", tool: "bash", current: true })])).toEqual([
		{
			apiVersion: "klaw.sh/v1",
			kind: "Checkpoint",
			metadata: { name: "aaaaaaaaaaaa", namespace: "ns", uid: "", resourceVersion: "", creationTimestamp: "2026-10-21T00:00:00Z" },
			...{ manifest: "a".repeat(64), files: 2, bytes: 30, storedBytes: 10, call: { id: "c1", tool: "bash" }, current: true },
		},
	]);
});

it("a checkpoint that the workspace was set back to is listed once, where it was made, as the current one", () => {
	const list = checkpointsOf("ns", [record("a", { callId: "c1" }), record("b", { callId: "c2" }), record("a", { current: true })]);
	expect(list.map(({ metadata, call, current }) => [metadata.name[0], call?.id, current])).toEqual([
		["a", "c1", true],
		["b", "c2", undefined],
	]);
});
