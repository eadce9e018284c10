import { expect, test } from "vitest";
import { metaName, schemaName } from "./schema-name.ts";

test.each([
	["klaw.sh", "v1", "Agent", "sh.klaw.v1.Agent"],
	["", "v1", "ConfigMap", "io.k8s.api.core.v1.ConfigMap"],
	["rbac.authorization.k8s.io", "v1", "Role", "io.k8s.api.rbac.v1.Role"],
	["events.k8s.io", "v1", "Event", "io.k8s.api.events.v1.Event"],
	["authorization.k8s.io", "v1", "SelfSubjectAccessReview", "io.k8s.api.authorization.v1.SelfSubjectAccessReview"],
	["authentication.k8s.io", "v1", "TokenRequest", "io.k8s.api.authentication.v1.TokenRequest"],
	["policy", "v1", "Eviction", "io.k8s.api.policy.v1.Eviction"],
	["metrics.k8s.io", "v1beta1", "PodMetrics", "io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics"],
	["a.example.com", "v1", "Widget", "com.example.a.v1.Widget"],
])("in %j %s, the schema of %s is called %s", (group, version, kind, name) => {
	expect(schemaName({ group, version, kind })).toBe(name);
});

test("types of the machinery have Kubernetes' names", () => {
	expect(metaName("ObjectMeta")).toBe("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
});
