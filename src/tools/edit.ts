import * as z from "zod";
import { nodeTool } from "./tool.ts";
import { FILE_TIMEOUT_MS, workspacePath } from "./workspace-path.ts";

export const edit = nodeTool({
	name: "edit",
	description: "Replace a piece of text in a file. old_string must stand in the file exactly once unless replace_all is true.",
	parameters: z.object({
		path: workspacePath,
		old_string: z.string().min(1).describe("The text to replace, exactly as in the file."),
		new_string: z.string().describe("The text to put there."),
		replace_all: z.boolean().default(false).describe("Replace every occurrence."),
	}),
	idempotent: false,
	timeoutMs: () => FILE_TIMEOUT_MS,
});
