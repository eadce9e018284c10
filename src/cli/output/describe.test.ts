import { expect, it } from "vitest";
import { describeObject } from "./describe.ts";

it("an object is described by all its fields, nested ones indented and long texts as blocks", () => {
	const text = describeObject({
		apiVersion: "klaw.sh/v1",
		kind: "Task",
		metadata: { name: "t", namespace: "default", uid: "u-1", creationTimestamp: "2026-11-22T08:00:00Z", labels: { a: "b" } },
		spec: { prompt: "one\ntwo\n", tools: ["bash", "read"], nodeSelector: {} },
		status: { phase: "Failed", conditions: [{ type: "Ready", status: "False" }], usage: { cacheRead: 0 } },
	});
	expect(text).toBe(`Name:         t
Namespace:    default
Labels:       a=b
Annotations:  <none>
API Version:  klaw.sh/v1
Kind:         Task
Metadata:
  UID:                 u-1
  Creation Timestamp:  2026-11-22T08:00:00Z
Spec:
  Prompt:
    one
    two
  Tools:
    bash
    read
  Node Selector:  <none>
Status:
  Phase:  Failed
  Conditions:
    Type:    Ready
    Status:  False
  Usage:
    Cache Read:  0
`);
});
