import { describe, expect, it } from "vitest";
import { placeOf, workspaceKey } from "./keys.ts";

describe("the key of a stored thing", () => {
	const place = placeOf("default", { namespace: "team-a", name: "fix.login", uid: "0123abcd-4567-89ab-cdef-0123456789ab" });

	it("has its cluster, namespace and session, and the session's uid apart from an older one of its name", () => {
		expect(workspaceKey(place)).toBe("default/team-a/fix.login.0123abcd/");
		expect(workspaceKey(place, { kind: "blob" })).toBe("default/team-a/fix.login.0123abcd/blob/");
		expect(workspaceKey(place, { kind: "manifest", name: "ff" })).toBe("default/team-a/fix.login.0123abcd/manifest/ff");
	});

	it.each(["team-b.x.0123abcd", "team-a", "team-a.", "team-a../x", "team-a.x/../../team-b/y", "team-a-b.x.0123abcd", "", "team-a..x"])(
		"is refused for %j in the namespace team-a",
		(workspace) => {
			expect(() => workspaceKey({ ...place, workspace })).toThrow(`"${workspace}" is no workspace of the namespace "team-a".`);
		},
	);
});
