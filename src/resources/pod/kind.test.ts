import { describe, expect, test } from "vitest";
import type { ObjectMeta } from "../resource.ts";
import { type Session, sessionKind } from "../session/kind.ts";
import { admitted, CREATED, headings, printed } from "../test-kind.ts";
import { podKind } from "./kind.ts";
import { hasLocalStorage, podOf } from "./pod-of.ts";

const session = (status: Partial<Session["status"]> = {}, metadata: Partial<ObjectMeta> = {}): Session => ({
	...admitted(sessionKind, { spec: { agent: "coder" } }, { labels: { team: "a" }, ...metadata }),
	status: { phase: "Idle", agentUid: "u-agent", ...status },
});

describe("a session as a pod", () => {
	test("has its name, uid and version, and names its agent as controller", () => {
		expect(podOf(session()).metadata).toEqual({
			annotations: { "klaw.sh/session-uid": "uid-x" },
			name: "x",
			namespace: "default",
			uid: "uid-x",
			resourceVersion: "1",
			creationTimestamp: CREATED,
			labels: { team: "a", "klaw.sh/agent": "coder", "klaw.sh/session": "x" },
			ownerReferences: [{ apiVersion: "klaw.sh/v1", kind: "Agent", name: "coder", uid: "u-agent", controller: true }],
		});
	});

	test("is what the schema says", () => {
		const { spec, status } = podOf(session({ node: "local", phase: "Running" }));
		expect(podKind.schema.parse({ spec })).toEqual({ spec });
		expect(podKind.status?.parse(status)).toEqual(status);
		expect(spec).toMatchObject({ nodeName: "local", containers: [{ name: "agent", image: "klaw.sh/agents/coder" }] });
	});

	test.each(["Idle", "Running"] as const)("runs while it is %s", (phase) => {
		const { status } = podOf(session({ phase }));
		expect(status.phase).toBe("Running");
		expect(status.conditions.find(({ type }) => type === "Ready")?.status).toBe("True");
	});

	test("runs while it waits on a node", () => {
		expect(podOf(session({ phase: "Waiting", node: "local" })).status.phase).toBe("Running");
	});

	test("is pending while it waits for a node, and says why", () => {
		const waitingFor = "0/1 nodes are available: 1 Insufficient cpu.";
		const { status } = podOf(session({ phase: "Waiting", waitingFor }));
		expect(status).toMatchObject({ phase: "Pending", reason: "Unschedulable", message: waitingFor });
		expect(status.conditions).toContainEqual(
			expect.objectContaining({ type: "PodScheduled", status: "False", reason: "Unschedulable", message: waitingFor }),
		);
		expect(status.containerStatuses[0]).toMatchObject({ ready: false, state: { waiting: { reason: "Unschedulable" } } });
	});

	test.each(["Idle", "Waiting"] as const)("that is %s is on the node that alone has its files, and holds nothing of it", (phase) => {
		const placement = { requests: { cpu: "1" }, priority: 0, preemptionPolicy: "PreemptLowerPriority" };
		const held = podOf(session({ phase: "Running", node: "local", placement }));
		const { metadata, spec, status } = podOf(session({ phase, workspaceNode: "local", placement }));
		expect(spec).toMatchObject({ nodeName: "local", volumes: [{ name: "workspace", emptyDir: {} }] });
		expect(spec.containers[0]?.resources).toEqual({});
		expect(podKind.schema.parse({ spec })).toEqual({ spec });
		expect(podKind.status?.parse(status)).toEqual(status);
		// Otherwise a drain would take it for gone.
		expect(metadata.uid).toBe(held.metadata.uid);
		expect(podOf(session({ phase, placement })).metadata.uid).not.toBe(held.metadata.uid);
	});

	test("has a volume that goes with it only while its files are nowhere else", () => {
		const placement = { requests: { cpu: "1" }, priority: 0, preemptionPolicy: "PreemptLowerPriority" };
		const over = podOf(session({ phase: "Running", node: "local", workspaceNode: "local", placement }));
		expect([hasLocalStorage(over), over.spec.containers[0]?.resources]).toEqual([true, { requests: { cpu: "1" } }]);
		expect(hasLocalStorage(podOf(session({ phase: "Running", node: "local" })))).toBe(false);
	});

	test("that is being deleted says since when", () => {
		const { metadata } = podOf(session({}, { deletionTimestamp: "2026-11-22T08:01:00Z" }));
		expect(metadata).toMatchObject({ deletionTimestamp: "2026-11-22T08:01:00Z", deletionGracePeriodSeconds: 0 });
	});
});

test("pods are selected by phase and node", () => {
	const pod = podOf(session({ node: "local" }));
	expect(podKind.selectableFields?.["status.phase"]?.(pod)).toBe("Running");
	expect(podKind.selectableFields?.["spec.nodeName"]?.(pod)).toBe("local");
	expect(podKind.projection?.read(session({ node: "local" }))).toEqual(pod);
});

test("columns", () => {
	expect(headings(podKind)).toBe("NAME  READY  STATUS  RESTARTS  AGE");
	expect(headings(podKind, true)).toBe("NAME  READY  STATUS  RESTARTS  AGE  IP  NODE  NOMINATED NODE  READINESS GATES");
	expect(printed(podKind, podOf(session({ node: "local" })))).toBe("x  1/1  Running  0  5m  <none>  local  <none>  <none>");
	expect(printed(podKind, podOf(session({ phase: "Waiting" })))).toBe("x  0/1  Pending  0  5m  <none>  <none>  <none>  <none>");
	expect(printed(podKind, podOf(session({}, { deletionTimestamp: CREATED })))).toContain("x  1/1  Terminating  0");
});
