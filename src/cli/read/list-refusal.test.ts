import { expect, it } from "vitest";
import type { ApiResource } from "../api-resource.ts";
import { ApiError, ConnectionError } from "../errors.ts";
import { listRefusal } from "./list-refusal.ts";

const AGENTS: ApiResource = {
	group: "klaw.sh",
	version: "v1",
	kind: "Agent",
	plural: "agents",
	singular: "agent",
	shortNames: [],
	categories: [],
	namespaced: true,
	verbs: [],
};
const refused = (code: number) => new ApiError(code, { kind: "Status", code, reason: "Because", message: "no" });

it.each([
	[{}, 'Unable to list "klaw.sh/v1, Resource=agents": no'],
	[{ labelSelector: 'a="' }, 'Unable to find "klaw.sh/v1, Resource=agents" that match label selector "a=\\"", field selector "": no'],
])("a list that is refused is told with what was asked for: %j", (query, message) => {
	for (const code of [400, 404])
		expect(listRefusal(refused(code), AGENTS, query)).toEqual(new ApiError(code, { ...refused(code).status, message }));
});

it("the core group has no name in it", () => {
	expect(listRefusal(refused(404), { ...AGENTS, group: "", plural: "pods" }, {})).toMatchObject({
		message: 'Error from server (Because): Unable to list "/v1, Resource=pods": no',
	});
});

it("what says enough by itself is left as it is", () => {
	for (const error of [refused(403), new ConnectionError("gone")]) expect(listRefusal(error, AGENTS, {})).toBe(error);
});
