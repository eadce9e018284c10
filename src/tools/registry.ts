import { bash } from "./bash.ts";
import { edit } from "./edit.ts";
import { glob } from "./glob.ts";
import { grep } from "./grep.ts";
import { read } from "./read.ts";
import type { Tool } from "./tool.ts";
import { webFetch } from "./web_fetch.ts";
import { write } from "./write.ts";

/** Every tool, in the order in which models see them. */
export const TOOLS: readonly Tool[] = [bash, read, write, edit, glob, grep, webFetch];

const byName = new Map(TOOLS.map((tool) => [tool.name, tool]));

export function findTool(name: string): Tool | undefined {
	return byName.get(name);
}
