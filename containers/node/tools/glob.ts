import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import picomatch from "picomatch";
import { glob as search } from "tinyglobby";
import { glob as definition } from "../../../src/tools/glob.ts";
import { SKIPPED } from "../search/skipped.ts";
import { confine, shownPath } from "../workspace/confine.ts";
import { listInside } from "../workspace/list-inside.ts";
import { onNode, ToolError } from "./node-tool.ts";

const LIMIT = 500;

export const glob = onNode(definition, async ({ pattern, path }, { workspace, signal }) => {
	// The library drops backslashes when it makes a directory of the pattern's beginning.
	const plain = pattern.replaceAll("\\", "");
	if (plain.startsWith("/") || plain.split(/[/{},()|]/).includes("..")) {
		throw new ToolError(
			`The pattern "${pattern}" leads out of the directory that is searched. Name that directory with path, and match below it.`,
		);
	}
	const root = await confine(workspace, path);
	// It begins its walk at the part without wildcards, through links: that must not be all of another disk.
	await confine(workspace, join(root, picomatch.scan(plain).base));
	if (!(await isDirectory(root)))
		throw new ToolError(`"${path}" is not a directory of the workspace. Name one, or leave path out to search all of it.`);
	const found = await search(pattern, {
		cwd: root,
		ignore: SKIPPED.map((name) => `**/${name}/**`),
		expandDirectories: false,
		followSymbolicLinks: false,
		fs: { readdir: listInside(workspace) },
		signal,
	});
	signal.throwIfAborted();
	const paths: string[] = [];
	const inside = insideOf(workspace);
	for (const name of found) if (await inside(dirname(join(root, name)))) paths.push(shownPath(workspace, join(root, name)));
	if (paths.length === 0) return "no files matched";
	paths.sort();
	if (paths.length > LIMIT) {
		const more = `... (limited to ${LIMIT} of ${paths.length} paths; narrow the pattern to see the others)`;
		return [...paths.slice(0, LIMIT), more].join("\n");
	}
	return paths.join("\n");
});

async function isDirectory(path: string): Promise<boolean> {
	const stats = await stat(path).catch(() => undefined);
	return stats?.isDirectory() ?? false;
}

/** Says whether a directory really lies in the workspace; asks the file system once for each. */
function insideOf(workspace: string): (directory: string) => Promise<boolean> {
	const known = new Map<string, Promise<boolean>>();
	return (directory) => {
		let answer = known.get(directory);
		if (!answer) {
			answer = realpath(directory).then(
				(real) => real === workspace || real.startsWith(`${workspace}/`),
				() => false,
			);
			known.set(directory, answer);
		}
		return answer;
	};
}
