import * as z from "zod";
import { nodeTool } from "./tool.ts";
import { FILE_TIMEOUT_MS, workspacePath } from "./workspace-path.ts";

export const write = nodeTool({
	name: "write",
	description: "Write a file of the workspace, replacing it if it is there. Missing directories are made.",
	parameters: z.object({ path: workspacePath, content: z.string().describe("The whole content of the file.") }),
	idempotent: true,
	timeoutMs: () => FILE_TIMEOUT_MS,
});
