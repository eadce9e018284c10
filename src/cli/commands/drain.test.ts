import { afterEach, describe, expect, it } from "vitest";
import { frame } from "../../../test/fakes/api-server.ts";
import { NodesApi } from "../../../test/fakes/nodes-api.ts";
import { runKlaw } from "../test-io.ts";

const STARTED = frame(5, { type: "tools.started", run: "r", calls: [{ callId: "c.4.0", name: "bash", node: "n1", giveUpAt: 0 }] } as {
	type: string;
});
const CUT = frame(8, { type: "tool.completed", run: "r", callId: "c.4.0", name: "bash", abandoned: true } as { type: string });

let api: NodesApi;
afterEach(() => api.server.close());

async function drain(...flags: string[]) {
	return runKlaw(["--server", await api.listen(), "--token", "t", "drain", "n1", ...flags]);
}

describe("a drain", () => {
	it("that runs out of time says what still runs, and since when", async () => {
		api = new NodesApi(["n1"], { x: { node: "n1", stays: true } });
		api.events.set("x", [STARTED]);
		const { code, stderr } = await drain("--timeout=1s");
		expect(code).toBe(1);
		expect(stderr).toMatch(/^default\/x is still there: bash has been running for \S+$/m);
		expect(stderr).toContain(
			'There are pending nodes to be drained:\n n1\nerror when waiting for pod "x" in namespace "default" to terminate: ',
		);
	});

	it("says afterwards what it cut, and after how long", async () => {
		api = new NodesApi(["n1"], { x: { node: "n1" } });
		api.events.set("x", [STARTED]);
		api.onEviction = () => api.events.set("x", [STARTED, CUT]);
		expect(await drain("--grace-period=3")).toMatchObject({
			code: 0,
			stdout: "node/n1 cordoned\nevicting pod default/x\npod/x evicted\nnode/n1 drained\n",
			stderr: "cut bash of default/x after 3s\n",
		});
		expect(api.evictions).toEqual([{ pod: "x", options: { gracePeriodSeconds: 3, preconditions: { resourceVersion: "1" } } }]);
	});

	it("does not claim a cut that somebody else made before", async () => {
		api = new NodesApi(["n1"], { x: { node: "n1" } });
		api.events.set("x", [STARTED, CUT]);
		expect((await drain()).stderr).toBe("");
	});

	it.each([
		[[], 1, 0],
		[["--delete-emptydir-data"], 0, 2],
	])("with %j of a node with files that are nowhere else ends with %i after %i evictions", async (flags, ending, evictions) => {
		api = new NodesApi(["n1"], { x: { node: "n1", local: true }, y: { node: "n1" } });
		const { code, stderr } = await drain(...flags);
		expect([code, api.evictions.length]).toEqual([ending, evictions]);
		const refusal = "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/x\n";
		expect(stderr).toContain(ending === 0 ? "" : refusal);
	});

	/** What runs when x is evicted leaves files that are nowhere else. */
	function leavesFiles() {
		api = new NodesApi(["n1"], { x: { node: "n1", stays: true } });
		api.onEviction = () => {
			const pod = api.pods.get("x");
			const known = pod.spec.volumes !== undefined;
			api.pods.set("x", { ...pod, spec: { ...pod.spec, volumes: [{ name: "workspace", emptyDir: {} }] } });
			if (known) api.leave("x");
		};
	}

	it("ends with kubectl's refusal when such files come about while it waits", async () => {
		leavesFiles();
		const { code, stderr } = await drain();
		expect([code, api.evictions.length]).toEqual([1, 1]);
		expect(stderr).toContain("cannot delete Pods with local storage (use --delete-emptydir-data to override): default/x\n");
	});

	it("gives up such files that come about while it waits when it may", async () => {
		leavesFiles();
		expect(await drain("--delete-emptydir-data")).toMatchObject({ code: 0, stdout: expect.stringMatching(/node\/n1 drained\n$/) });
		expect(api.evictions).toHaveLength(2);
	});

	/** Between the list of the pods and the eviction of x it gets files that are nowhere else. */
	function gainsFiles() {
		api = new NodesApi(["n1"], { x: { node: "n1" } });
		api.beforeEviction = () => {
			const { metadata, spec, ...rest } = api.pods.get("x");
			const volumes = [{ name: "workspace", emptyDir: {} }];
			api.pods.set("x", { ...rest, metadata: { ...metadata, resourceVersion: "2" }, spec: { ...spec, volumes } });
		};
	}

	it("evicts nothing that has such files since it looked", async () => {
		gainsFiles();
		const { code, stderr } = await drain();
		expect([code, api.evictions]).toEqual([1, []]);
		expect(stderr).toContain("cannot delete Pods with local storage (use --delete-emptydir-data to override): default/x\n");
	});

	it("looks again at what has changed since it looked, and evicts it as it is now when it may", async () => {
		gainsFiles();
		expect(await drain("--delete-emptydir-data")).toMatchObject({ code: 0 });
		expect(api.evictions).toEqual([{ pod: "x", options: { preconditions: { resourceVersion: "2" } } }]);
	});

	it("never deletes pods, which are conversations", async () => {
		api = new NodesApi(["n1"], { x: { node: "n1" } });
		const { code, stderr } = await drain("--disable-eviction");
		expect([code, stderr]).toEqual([1, expect.stringContaining("a pod of klaw that is deleted is a conversation that ends")]);
		expect(api.server.requests).toEqual([]);
	});
});
