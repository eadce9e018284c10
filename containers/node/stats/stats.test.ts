import { describe, expect, it } from "vitest";
import { runningNode } from "../testing/running-node.ts";
import type { NodeStats } from "./protocol.ts";

async function ask(server: Awaited<ReturnType<typeof runningNode>>["server"], id: string): Promise<NodeStats> {
	server.send({ v: 1, type: "stats", id, incarnation: server.incarnation });
	for (;;) {
		const report = server.said.find((frame) => frame.type === "stats-report" && frame.id === id);
		if (report?.type === "stats-report") return report.stats;
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

describe("a node that is asked what it uses", () => {
	it("says what runs in each workspace, be it a call's or a person's", async () => {
		const { server } = await runningNode({ timing: { sampleMs: 50 } });
		server.call("c", "bash", { command: "echo begun; while true; do :; done" }, { workspace: "busy" });
		server.exec(["sh", "-c", "sleep 1000"], { workspace: "idle" });
		await server.until(() => server.outputOf("c") === "begun\n" && server.said.length > 0);
		for (let tries = 0; ; tries++) {
			const { node, workspaces, windowMs } = await ask(server, `s${tries}`);
			const [busy, idle] = ["busy", "idle"].map((name) => workspaces.find(({ workspace }) => workspace === name));
			if (!busy || busy.cpu < 0.05 || !idle || windowMs === 0) continue;
			expect(busy.memory).toBeGreaterThan(100_000);
			expect(idle.cpu).toBeLessThan(busy.cpu);
			expect(node.memory).toBeGreaterThan(busy.memory);
			break;
		}
		server.cancel("c", "enough");
		await server.result("c");
	});

	it("names no workspace in which nothing runs", async () => {
		const { server } = await runningNode();
		await server.run("c", "bash", { command: "true" });
		expect((await ask(server, "s")).workspaces).toEqual([]);
	});
});
