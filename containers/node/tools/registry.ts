import { bash } from "./bash.ts";
import { edit } from "./edit.ts";
import { glob } from "./glob.ts";
import { grep } from "./grep.ts";
import type { NodeExecution } from "./node-tool.ts";
import { read } from "./read.ts";
import { write } from "./write.ts";

/** Every tool that a node can run. */
export const EXECUTIONS: readonly NodeExecution[] = [bash, read, write, edit, glob, grep];

const byName = new Map(EXECUTIONS.map((execution) => [execution.name, execution]));

export function findExecution(name: string): NodeExecution | undefined {
	return byName.get(name);
}

/** Tools after which nothing is other than it was. */
export const CHANGE_NOTHING: ReadonlySet<string> = new Set(["read", "glob", "grep"]);
