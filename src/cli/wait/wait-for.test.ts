import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApiReply, FakeApiServer, failure } from "../../../test/fakes/api-server.ts";
import { ApiClient } from "../api-client.ts";
import { TASK } from "../kinds.ts";
import { parseCondition } from "./condition.ts";
import { waitFor } from "./wait-for.ts";

const server = new FakeApiServer();
beforeEach(() => server.listen());
afterEach(() => server.close());

const task = (status: string, uid = "u1") => ({
	apiVersion: "klaw.sh/v1",
	kind: "Task",
	metadata: { name: "t", uid, resourceVersion: "1" },
	status: { conditions: [{ type: "Complete", status }] },
});
const listed = (...items: unknown[]): ApiReply => ({ json: { metadata: { resourceVersion: "5" }, items } });
const changes = (...events: unknown[]): ApiReply => ({
	type: "application/json",
	stream: events.map((event) => `${JSON.stringify(event)}\n`),
});

/** Answers lists and watches one after the other, the last of each for ever. */
function serve(lists: ApiReply[], watches: ApiReply[]): void {
	const next = (replies: ApiReply[]) => (replies.length > 1 ? replies.shift() : replies[0]) ?? { status: 500 };
	server.answer(({ path }) => {
		if (!path.includes("?")) return failure(404, "NotFound", 'tasks.klaw.sh "t" not found');
		return next(path.includes("watch=true") ? watches : lists);
	});
}

const wait = (text: string, deadline = new AbortController().signal) => {
	const client = new ApiClient({ server: server.url, token: "t", namespace: "default", source: "a test" });
	return waitFor(client, { resource: TASK, namespace: "default", name: "t" }, parseCondition(text), { deadline, once: false });
};

it("what is so already is not waited for", async () => {
	serve([listed(task("True"))], []);
	expect(await wait("condition=Complete")).toEqual(task("True"));
});

it("a change is seen as it comes, from where the list ended", async () => {
	serve([listed(task("False"))], [changes({ type: "MODIFIED", object: task("True") })]);
	expect(await wait("condition=Complete")).toEqual(task("True"));
	expect(server.requests.at(-1)?.path).toContain("resourceVersion=5");
});

it.each([
	["ends", changes()],
	["breaks", { stream: [], end: "cut" } satisfies ApiReply],
	["is too old", changes({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } })],
	["is answered with a failure that passes", failure(503, "ServiceUnavailable", "not now")],
])("a watch that %s is begun again, and nothing is missed in between", async (_, reply) => {
	serve([listed(task("False")), listed(task("True"))], [reply]);
	expect(await wait("condition=Complete")).toEqual(task("True"));
});

it("an object that goes away is waited for until it is made again", async () => {
	serve([listed(task("False")), listed(), listed(task("True", "u2"))], [changes({ type: "DELETED", object: task("False") })]);
	expect(await wait("condition=Complete")).toEqual(task("True", "u2"));
});

it("a deletion is seen, also where another object has taken the name since", async () => {
	serve([listed(task("False"))], [changes({ type: "DELETED", object: task("False") })]);
	expect(await wait("delete")).toEqual(task("False"));
	serve([listed(task("False")), listed(task("False", "u2"))], [changes()]);
	expect(await wait("delete")).toEqual(task("False"));
});

it("what is not there has been deleted, and can be waited for to come", async () => {
	serve([listed()], [changes({ type: "ADDED", object: task("False") })]);
	expect(await wait("delete")).toBeUndefined();
	expect(await wait("create")).toEqual(task("False"));
	await expect(wait("condition=Complete")).rejects.toThrow('tasks.klaw.sh "t" not found');
});

it("a refusal is no reason to wait", async () => {
	serve([failure(403, "Forbidden", "no")], []);
	await expect(wait("condition=Complete")).rejects.toThrow("Error from server (Forbidden): no");
});

it("when time is up, that is said with what was waited for", async () => {
	const deadline = new AbortController();
	serve(
		[listed(task("False"))],
		[{ type: "application/json", stream: [`${JSON.stringify({ type: "BOOKMARK", object: {} })}\n`], end: "hold" }],
	);
	const waiting = wait("condition=Complete", deadline.signal);
	server.answer(({ path }) => {
		if (path.includes("watch=true")) setImmediate(() => deadline.abort());
		return path.includes("watch=true") ? { type: "application/json", stream: [""], end: "hold" } : listed(task("False"));
	});
	await expect(waiting).rejects.toThrow("timed out waiting for the condition on tasks/t");
});
