import { expect, it } from "vitest";
import { adoptClientSideFields } from "./adopt-fields.ts";
import type { ServerObject } from "./resource-client.ts";

const entry = (manager: string, operation: string, fieldsV1: object, more = {}) => ({
	manager,
	operation,
	apiVersion: "klaw.sh/v1",
	fieldsV1,
	...more,
});
const object = (...managedFields: object[]): ServerObject => ({
	apiVersion: "klaw.sh/v1",
	kind: "Agent",
	metadata: { name: "a", resourceVersion: "7", managedFields },
});

it("fields that were applied by the client become those of the server-side manager", () => {
	const own = entry("klaw", "Apply", { "f:spec": { "f:model": {} } });
	const other = entry("kubectl-edit", "Update", { "f:spec": { "f:approval": {} } });
	const status = entry("klaw-client-side-apply", "Update", { "f:status": {} }, { subresource: "status" });
	const patch = adoptClientSideFields(
		object(
			entry("klaw-client-side-apply", "Update", { "f:spec": { "f:instructions": {} } }),
			entry("kubectl-client-side-apply", "Update", { "f:metadata": { "f:labels": {} } }),
			other,
			own,
			status,
		),
		"klaw",
	);
	expect(patch).toEqual([
		{
			op: "replace",
			path: "/metadata/managedFields",
			value: [other, { ...own, fieldsV1: { "f:spec": { "f:model": {}, "f:instructions": {} }, "f:metadata": { "f:labels": {} } } }, status],
		},
		{ op: "replace", path: "/metadata/resourceVersion", value: "7" },
	]);
});

it("nothing is done where nothing was applied by the client, or the books are not kept", () => {
	expect(adoptClientSideFields(object(entry("klaw", "Apply", {})), "klaw")).toBeUndefined();
	expect(adoptClientSideFields(object(entry("klaw-client-side-apply", "Update", {})), "klaw")).toBeUndefined();
	expect(adoptClientSideFields({ ...object(), metadata: { name: "a" } }, "klaw")).toBeUndefined();
});
