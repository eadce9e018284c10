import { expect, test } from "vitest";
import { clusterPath } from "./cluster-path.ts";

test.each([
	["/", "default", "/"],
	["/api/v1/nodes", "default", "/api/v1/nodes"],
	["/clusters/lab", "lab", "/"],
	["/clusters/lab/", "lab", "/"],
	["/clusters/lab/apis/klaw.sh/v1/agents", "lab", "/apis/klaw.sh/v1/agents"],
	["/clusters/default/version", "default", "/version"],
	["/apis/klaw.sh/v1/clusters/lab", "default", "/apis/klaw.sh/v1/clusters/lab"],
])("%s is of cluster %s", (given, cluster, path) => {
	expect(clusterPath(given)).toEqual({ cluster, path });
});

test.each(["/clusters/UP/api", "/clusters/a.b/api", "/clusters//api", "/clusters/a%2Fb/api", `/clusters/${"x".repeat(64)}/api`])(
	"%s names no cluster that could be",
	(path) => {
		expect(clusterPath(path)).toEqual({ cluster: "default", path });
	},
);
