import * as z from "zod";
import { nodeTool } from "./tool.ts";
import { FILE_TIMEOUT_MS } from "./workspace-path.ts";

export const grep = nodeTool({
	name: "grep",
	description: "Search file contents with a regular expression. At most 100 matches, each as path:line: text.",
	parameters: z.object({
		pattern: z.string().min(1).describe("Regular expression."),
		path: z.string().default(".").describe("File or directory to search, relative to the workspace."),
		glob: z.string().optional().describe("Only files whose path matches, for example **/*.ts"),
		case_insensitive: z.boolean().default(false),
	}),
	idempotent: true,
	timeoutMs: () => FILE_TIMEOUT_MS,
});
