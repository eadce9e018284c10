import { write as definition } from "../../../src/tools/write.ts";
import { confine } from "../workspace/confine.ts";
import { replaceFile } from "../workspace/replace-file.ts";
import { onNode } from "./node-tool.ts";

export const write = onNode(definition, async ({ path, content }, { workspace, record, signal }) => {
	const real = await confine(workspace, path);
	await replaceFile({ root: workspace, real, content, callId: record.call.callId, signal });
	return `wrote ${Buffer.byteLength(content)} bytes to ${path}`;
});
