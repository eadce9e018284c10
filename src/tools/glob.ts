import * as z from "zod";
import { nodeTool } from "./tool.ts";
import { FILE_TIMEOUT_MS } from "./workspace-path.ts";

export const glob = nodeTool({
	name: "glob",
	description:
		"List files of the workspace whose whole path matches a pattern: * and ? within a directory, ** across directories, {a,b} alternatives. At most 500 paths, sorted.",
	parameters: z.object({
		pattern: z.string().min(1).describe("For example src/**/*.{ts,tsx}"),
		path: z.string().default(".").describe("Directory to search, relative to the workspace."),
	}),
	idempotent: true,
	timeoutMs: () => FILE_TIMEOUT_MS,
});
