import { describe, expect, it } from "vitest";
import { resultEvent } from "./result-event.ts";

const here = { node: "n", incarnation: 1 };
const call = (name: string) => ({ callId: "c", id: "t", name, arguments: "{}", started: { callId: "c", name, giveUpAt: 9, ...here } });
const result = { content: "done", isError: false, durationMs: 1 };
const event = (name: string, keeps?: boolean, workspace = here) =>
	resultEvent("r", call(name), { result, ...(keeps !== undefined && { keeps }) }, workspace, 5);

describe("a result of a machine that is too old to keep workspaces", () => {
	it.each(["bash", "edit", "write"])("of %s says that what it changed is in no checkpoint", (name) => {
		expect(event(name, false).uncheckpointed).toBe(true);
	});

	it("of a tool that changes nothing says nothing", () => {
		expect(event("read", false).uncheckpointed).toBeUndefined();
	});

	it("says nothing of files that the session has elsewhere by now", () => {
		expect(event("bash", false, { node: "m", incarnation: 1 }).uncheckpointed).toBeUndefined();
	});
});

it("a result without a word about changes, of a machine that would have said it, changed nothing", () => {
	expect(event("bash").uncheckpointed).toBeUndefined();
});
