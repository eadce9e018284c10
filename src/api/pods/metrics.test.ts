import { describe, expect, it } from "vitest";
import { nodeMetrics, podMetrics } from "./metrics.ts";

const AT = Date.parse("2026-10-26T12:00:00.7Z");
const metadata = { name: "x", uid: "u", resourceVersion: "7", creationTimestamp: "2020-01-01T00:00:00Z", labels: { a: "b" } };

describe("metrics", () => {
	it("of a node are in nanocores and kibibytes, as metrics-server gives them", () => {
		const stats = { at: AT, windowMs: 15_020, node: { cpu: 0.25, memory: 3 * 2 ** 20 }, workspaces: [] };
		expect(nodeMetrics(metadata, stats)).toMatchObject({
			...{ apiVersion: "metrics.k8s.io/v1beta1", kind: "NodeMetrics", timestamp: "2026-10-26T12:00:00Z", window: "15.02s" },
			metadata: { name: "x", labels: { a: "b" }, creationTimestamp: "2026-10-26T12:00:00Z" },
			usage: { cpu: "250000000n", memory: "3072Ki" },
		});
	});

	it("of a pod are those of its one container", () => {
		expect(podMetrics({ ...metadata, namespace: "ns" }, { cpu: 0.001, memory: 1024, at: AT, windowMs: 15_000 })).toMatchObject({
			...{ kind: "PodMetrics", window: "15s", metadata: { name: "x", namespace: "ns" } },
			containers: [{ name: "agent", usage: { cpu: "1000000n", memory: "1Ki" } }],
		});
	});
});
