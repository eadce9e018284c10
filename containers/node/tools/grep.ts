import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import picomatch from "picomatch";
import { grep as definition } from "../../../src/tools/grep.ts";
import { javascript } from "../search/javascript.ts";
import { InvalidPattern, type Matcher } from "../search/matcher.ts";
import { findRipgrep } from "../search/ripgrep.ts";
import { head } from "../text.ts";
import { confine } from "../workspace/confine.ts";
import { type NodeExecution, onNode, ToolError } from "./node-tool.ts";

const LIMIT = 100;
/** Characters of a matching line that are shown. */
const TEXT_LIMIT = 200;

/** Every matcher that works on this machine, the best first. */
export function matchers(): [Matcher, ...Matcher[]] {
	const ripgrep = findRipgrep();
	return ripgrep ? [ripgrep, javascript] : [javascript];
}

/** The tool with a given matcher; all of them answer alike. */
export function grepWith(matcher: Matcher): NodeExecution {
	return onNode(definition, async ({ pattern, path, glob, case_insensitive }, { workspace, sandbox, limits, signal }) => {
		const target = await confine(workspace, path);
		if (!(await stat(target).catch(() => undefined)))
			throw new ToolError(`"${path}" does not exist in the workspace. Use glob to see what is there.`);
		const matches = glob === undefined ? () => true : picomatch(glob, { dot: true, basename: !glob.includes("/") });
		const wanted = (file: string) => matches(file) || matches(relative(target, join(workspace, file)));
		const found: string[] = [];
		let limited = false;
		try {
			for await (const match of matcher.search({
				root: workspace,
				target,
				pattern,
				caseInsensitive: case_insensitive,
				wanted,
				signal,
				launch: (command) => sandbox.launch(workspace, command, limits),
			})) {
				limited = found.length === LIMIT;
				if (limited) break;
				found.push(`${match.path}:${match.line}: ${head(match.text.trim(), TEXT_LIMIT)}`);
			}
		} catch (error) {
			if (error instanceof InvalidPattern) throw new ToolError(error.message);
			throw error;
		}
		signal.throwIfAborted();
		if (found.length === 0) return "no matches found";
		if (limited) found.push(`... (limited to ${LIMIT} matches)`);
		return found.join("\n");
	});
}

export const grep = grepWith(matchers()[0]);
