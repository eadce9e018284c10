import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureNamespace, inNamespace, type Json, request } from "../../test/fakes/api.ts";

const EVERYWHERE = "/apis/klaw.sh/v1/agents";
const agents = (namespace: string) => `${inNamespace(namespace)}/agents`;
const create = (namespace: string, name: string) => request("POST", agents(namespace), { metadata: { name } });

beforeAll(async () => {
	for (const namespace of ["watch-a", "watch-b"]) await ensureNamespace(namespace);
});

/** A watch under way, read event by event. */
async function watch(path: string, query: Record<string, string> = {}, headers: Record<string, string> = {}) {
	const response = await exports.default.fetch(`http://klaw${path}?${new URLSearchParams({ watch: "true", ...query })}`, {
		headers: { Authorization: "Bearer test-admin-token", ...headers },
	});
	const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	const next = async (): Promise<Json> => {
		while (!text.includes("\n")) {
			const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
			if (done) return undefined;
			text += value;
		}
		const end = text.indexOf("\n");
		const line = text.slice(0, end);
		text = text.slice(end + 1);
		return JSON.parse(line);
	};
	/** The next event that is as wished. */
	const until = async (wished: (event: Json) => boolean): Promise<Json> => {
		for (;;) {
			const event = await next();
			if (event === undefined) throw new Error("the watch has ended");
			if (wished(event)) return event;
		}
	};
	return { code: response.status, headers: response.headers, next, until, stop: () => reader?.cancel() };
}

const is = (type: string, name: string) => (event: Json) => event.type === type && event.object.metadata.name === name;
const isBookmark = ({ type }: Json) => type === "BOOKMARK";

describe("a watch of one namespace", () => {
	test("answers at once, though nothing happens", async () => {
		const watching = await watch(agents("watch-a"), {
			resourceVersion: (await request("GET", agents("watch-a"))).body.metadata.resourceVersion,
		});
		expect({ code: watching.code, type: watching.headers.get("Content-Type") }).toEqual({ code: 200, type: "application/json" });
		await watching.stop();
	});

	test("tells what happens after a version", async () => {
		const { resourceVersion } = (await request("GET", agents("watch-a"))).body.metadata;
		const watching = await watch(agents("watch-a"), { resourceVersion });
		await create("watch-a", "one");
		await request("DELETE", `${agents("watch-a")}/one`);
		expect(await watching.until(is("ADDED", "one"))).toMatchObject({ object: { kind: "Agent" } });
		expect(await watching.until(is("DELETED", "one"))).toMatchObject({ object: { kind: "Agent" } });
		await watching.stop();
	});

	test("is of one name by fieldSelector, and as Tables", async () => {
		await create("watch-a", "chosen");
		const table = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };
		const watching = await watch(agents("watch-a"), { fieldSelector: "metadata.name=chosen" }, table);
		expect(await watching.next()).toMatchObject({
			type: "ADDED",
			object: { kind: "Table", rows: [{ cells: expect.arrayContaining(["chosen"]) }] },
		});
		await watching.stop();
	});

	test("ends at its time-out", async () => {
		const watching = await watch(agents("watch-a"), { timeoutSeconds: "1" });
		while (await watching.next());
	});

	test("from the future is a Status", async () => {
		expect(await request("GET", `${agents("watch-a")}?watch=true&resourceVersion=999999999999999`)).toMatchObject({
			code: 504,
			body: { kind: "Status", message: expect.stringContaining("Too large resource version") },
		});
	});
});

describe("a watch of all namespaces", () => {
	test("begins with what is there and then says so, once for all", async () => {
		await create("watch-a", "initial");
		await create("watch-b", "initial");
		const watching = await watch(EVERYWHERE, {
			sendInitialEvents: "true",
			resourceVersionMatch: "NotOlderThan",
			allowWatchBookmarks: "true",
		});
		const seen: string[] = [];
		const end = await watching.until((event) => {
			if (event.type === "ADDED") seen.push(`${event.object.metadata.namespace}/${event.object.metadata.name}`);
			return isBookmark(event);
		});
		expect(seen).toEqual(expect.arrayContaining(["watch-a/initial", "watch-b/initial"]));
		expect(end.object.metadata).toMatchObject({
			resourceVersion: expect.stringMatching(/^m\./),
			annotations: { "k8s.io/initial-events-end": "true" },
		});
		await watching.stop();
	});

	test("goes on from the version of a list, and from its own bookmarks", async () => {
		const { resourceVersion } = (await request("GET", EVERYWHERE)).body.metadata;
		await create("watch-a", "after-list");
		const first = await watch(EVERYWHERE, { resourceVersion, allowWatchBookmarks: "true" });
		expect(is("ADDED", "after-list")(await first.next())).toBe(true);
		await create("watch-b", "after-list-b");
		await first.until(is("ADDED", "after-list-b"));
		const bookmark = await first.until(isBookmark);
		await first.stop();

		await create("watch-b", "after-bookmark");
		const second = await watch(EVERYWHERE, { resourceVersion: bookmark.object.metadata.resourceVersion });
		expect(is("ADDED", "after-bookmark")(await second.next())).toBe(true);
		await second.stop();
	});

	test("follows namespaces that come and go", async () => {
		const { resourceVersion } = (await request("GET", EVERYWHERE)).body.metadata;
		const watching = await watch(EVERYWHERE, { resourceVersion });
		await ensureNamespace("watch-new");
		await create("watch-new", "early");
		await watching.until(is("ADDED", "early"));
		await request("DELETE", "/api/v1/namespaces/watch-new");
		await watching.until(is("DELETED", "early"));
		await watching.stop();
	});

	test.each(["17", "m.nonsense"])("from %s is too old, and the client lists anew", async (resourceVersion) => {
		const watching = await watch(EVERYWHERE, { resourceVersion });
		expect(watching.code).toBe(200);
		expect(await watching.next()).toMatchObject({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
		expect(await watching.next()).toBeUndefined();
	});
});
