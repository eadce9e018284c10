import * as z from "zod";
import { byteSize } from "../byte-size.ts";
import { ageColumn, NONE } from "../columns.ts";
import type { KindDefinition } from "../kind.ts";

import type { BaseResource } from "../resource.ts";

const checkpointSchema = z.object({
	manifest: z.string().describe("SHA-256 of the manifest, by which the store knows it; the name is the beginning of it"),
	files: z.number().int().describe("Files in it"),
	bytes: z.number().int().describe("Bytes of all its files"),
	storedBytes: z.number().int().describe("Bytes that were stored when it was made: what had changed, compressed"),
	call: z
		.object({ id: z.string().describe("Id of the call"), tool: z.string().optional().describe("Name of the tool") })
		.optional()
		.describe("The tool call that left the workspace so; absent: a person's command did"),
	current: z.literal(true).optional().describe("The workspace is this one, or becomes it when the next tool call begins"),
});

export type Checkpoint = BaseResource & z.output<typeof checkpointSchema>;

/** What `sessions/checkpoints` lists. */
export const checkpointKind: KindDefinition<Checkpoint> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Checkpoint",
	plural: "checkpoints",
	singular: "checkpoint",
	shortNames: [],
	scope: "Namespaced",
	// No resource of its own: what a subresource answers with.
	verbs: [],
	description: "A Checkpoint is a session's workspace as it was after a tool call that changed it.",
	names: "subdomain",
	schema: checkpointSchema,
	columns: [
		{ name: "Current", type: "string", description: "What the workspace is now", cell: ({ current }) => (current ? "*" : "") },
		{ name: "Tool", type: "string", description: "Whose call made it", cell: ({ call }) => call?.tool ?? NONE },
		{ name: "Files", type: "integer", description: "Files in it", cell: ({ files }) => files },
		{ name: "Size", type: "string", description: "Of all its files", cell: ({ bytes }) => byteSize(bytes) },
		{ name: "Stored", type: "string", description: "What had changed, compressed", cell: ({ storedBytes }) => byteSize(storedBytes) },
		ageColumn,
		{ name: "Call", type: "string", description: "Id of the tool call", priority: 1, cell: ({ call }) => call?.id ?? NONE },
		{ name: "Manifest", type: "string", description: "SHA-256 of the manifest", priority: 1, cell: ({ manifest }) => manifest },
	],
};
