import { expect, it } from "vitest";
import { runKlaw } from "../test-io.ts";

it.each([
	[["8080"], 'up takes options only, and was given "8080"'],
	[["--no-node", "--node-capacity", "slots=1"], "--node-capacity is of the local node, and --no-node starts none"],
	[["--containers", "--node-capacity", "slots=1"], "--node-capacity is of the local node, and --containers starts none"],
	[["--demo", "--no-node"], "The demo runs commands on the local node"],
	[["--node-capacity", "slots=1.5"], "slots are sessions at once, and those are whole"],
	[["--node-capacity", "gpu=1"], 'holds "gpu". It knows cpu, memory, ephemeral-storage and slots'],
])("klaw up %j is refused with what is wrong, and nothing is started", async (flags, message) => {
	const { code, stdout, stderr } = await runKlaw(["up", ...flags]);
	expect([code, stdout]).toEqual([1, ""]);
	expect(stderr).toContain(message);
});
