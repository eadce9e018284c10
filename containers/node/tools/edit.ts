import { createHash } from "node:crypto";
import * as z from "zod";
import { edit as definition } from "../../../src/tools/edit.ts";
import { confine, openInside } from "../workspace/confine.ts";
import { replaceFile } from "../workspace/replace-file.ts";
import { type Outcome, onNode, ToolError } from "./node-tool.ts";

/** A larger file would be held in memory twice. */
const SIZE_LIMIT = 64 * 2 ** 20;

/** What an edit was about to do, so that a runtime that takes it up again can tell whether it was done. */
const intentSchema = z.object({ before: z.string(), after: z.string(), message: z.string() });

export const edit = onNode(definition, async (args, { workspace, record, signal }) => {
	const real = await confine(workspace, args.path);
	const content = await contentOf(workspace, args.path);
	const before = digest(content);

	const journaled = record.text("edit.json");
	if (journaled !== undefined) {
		const intent = intentSchema.parse(JSON.parse(journaled));
		if (before === intent.after) return intent.message;
		if (before !== intent.before) return unknownOutcome(args.path);
	}

	const { edited, message } = replace(content, args);
	await replaceFile({
		root: workspace,
		real,
		content: edited,
		callId: record.call.callId,
		signal,
		beforeCommit: () => record.write("edit.json", JSON.stringify({ before, after: digest(edited), message })),
	});
	return message;
});

async function contentOf(workspace: string, path: string): Promise<Buffer> {
	const handle = await openInside(workspace, path);
	try {
		const { size } = await handle.stat();
		if (size > SIZE_LIMIT) throw new ToolError(`"${path}" has ${size} bytes, too many to edit (at most ${SIZE_LIMIT}). Use sed in bash.`);
		return await handle.readFile();
	} finally {
		await handle.close();
	}
}

interface Replace {
	path: string;
	old_string: string;
	new_string: string;
	replace_all: boolean;
}

/** On bytes, not text: what is not touched stays as it is, whatever its encoding. */
function replace(content: Buffer, { path, old_string, new_string, replace_all }: Replace): { edited: Buffer; message: string } {
	if (old_string === new_string) throw new ToolError("old_string and new_string are the same, so there is nothing to edit.");
	const [from, to] = [Buffer.from(old_string), Buffer.from(new_string)];
	const pieces: Buffer[] = [];
	let start = 0;
	for (let at = content.indexOf(from); at !== -1; at = content.indexOf(from, start)) {
		pieces.push(content.subarray(start, at), to);
		start = at + from.length;
	}
	pieces.push(content.subarray(start));
	const count = (pieces.length - 1) / 2;
	if (count === 0) throw new ToolError(`old_string was not found in "${path}". ${hint(content, old_string)}`);
	if (count > 1 && !replace_all) {
		throw new ToolError(
			`old_string found ${count} times in "${path}"; it must stand there exactly once. Give more of the text around it, or set replace_all.`,
		);
	}
	return { edited: Buffer.concat(pieces), message: replace_all ? `replaced ${count} occurrences in ${path}` : `edited ${path}` };
}

function hint(content: Buffer, wanted: string): string {
	// The read tool does not show carriage returns, so the model cannot know of them.
	if (wanted.includes("\n") && content.includes("\r\n")) return "Its lines end with CRLF: write \\r\\n for every line end in it.";
	return "Read the file again and copy the text exactly, blanks and indentation included.";
}

function unknownOutcome(path: string): Outcome {
	return {
		content: `outcome unknown: the node stopped during this edit, and "${path}" was changed by something else since. Read it to see whether the edit is there.`,
		isError: true,
		unknown: true,
	};
}

function digest(content: Buffer): string {
	return createHash("sha256").update(content).digest("hex");
}
