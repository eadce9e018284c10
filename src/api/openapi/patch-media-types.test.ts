import { expect, test } from "vitest";
import { patchMediaTypes } from "./patch-media-types.ts";

const OF_EVERY_KIND = {
	"application/apply-patch+yaml": "apply",
	"application/json-patch+json": "json",
	"application/merge-patch+json": "merge",
};

test.each(["klaw.sh", "example.com"])("kinds of %s take three kinds of patch", (group) => {
	expect(patchMediaTypes({ group })).toEqual(OF_EVERY_KIND);
});

test.each(["", "policy", "rbac.authorization.k8s.io"])("kinds of Kubernetes' group %j take a strategic merge patch as well", (group) => {
	expect(patchMediaTypes({ group })).toEqual({ ...OF_EVERY_KIND, "application/strategic-merge-patch+json": "strategic" });
});
