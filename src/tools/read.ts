import * as z from "zod";
import { nodeTool } from "./tool.ts";
import { FILE_TIMEOUT_MS, workspacePath } from "./workspace-path.ts";

export const read = nodeTool({
	name: "read",
	description: "Read a text file of the workspace. Lines are numbered; long files are read in parts with offset and limit.",
	parameters: z.object({
		path: workspacePath,
		offset: z.number().int().positive().default(1).describe("First line, counted from 1."),
		limit: z.number().int().positive().max(10_000).default(2000).describe("How many lines."),
	}),
	idempotent: true,
	timeoutMs: () => FILE_TIMEOUT_MS,
});
