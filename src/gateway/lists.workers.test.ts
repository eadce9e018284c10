import { beforeAll, describe, expect, test } from "vitest";
import { ensureNamespace, inNamespace, type Json, request } from "../../test/fakes/api.ts";

const TABLE = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };
const EVERYWHERE = "/apis/klaw.sh/v1/agents?labelSelector=suite%3Dlists";
const names = (body: Json) => body.items.map(({ metadata }: Json) => `${metadata.namespace}/${metadata.name}`);

beforeAll(async () => {
	for (const namespace of ["list-a", "list-b", "list-empty"]) await ensureNamespace(namespace);
	for (const [namespace, count] of Object.entries({ "list-a": 3, "list-b": 2 })) {
		for (let i = 0; i < count; i++) {
			await request("POST", `${inNamespace(namespace)}/agents`, { metadata: { name: `x${i}`, labels: { suite: "lists" } } });
		}
	}
});

const ALL = ["list-a/x0", "list-a/x1", "list-a/x2", "list-b/x0", "list-b/x1"];

/** Reads a list to its end, as many objects at a time. */
async function inParts(path: string, limit: number) {
	const found: string[] = [];
	const versions = new Set<string>();
	let token = "";
	do {
		const { body } = await request("GET", `${path}&limit=${limit}&continue=${encodeURIComponent(token)}`);
		expect(body.items.length).toBeLessThanOrEqual(limit);
		found.push(...names(body));
		versions.add(body.metadata.resourceVersion);
		token = body.metadata.continue ?? "";
	} while (token !== "");
	return { found, versions };
}

describe("a list of one namespace", () => {
	const one = `${inNamespace("list-a")}/agents?x=`;

	test("comes in parts of one version", async () => {
		const { found, versions } = await inParts(one, 2);
		expect(found).toEqual(ALL.slice(0, 3));
		expect(versions.size).toBe(1);
	});

	test("says how much is left", async () => {
		expect((await request("GET", `${one}&limit=1`)).body.metadata).toMatchObject({ continue: expect.any(String), remainingItemCount: 2 });
	});

	test("is chosen from by labels and fields", async () => {
		expect(names((await request("GET", `${one}&fieldSelector=metadata.name%3Dx1`)).body)).toEqual(["list-a/x1"]);
		expect(names((await request("GET", `${one}&labelSelector=suite!%3Dlists`)).body)).toEqual([]);
	});
});

describe("a list of all namespaces", () => {
	test("has the objects of each, in order", async () => {
		const { code, body } = await request("GET", EVERYWHERE);
		expect({ code, kind: body.kind, names: names(body) }).toEqual({ code: 200, kind: "AgentList", names: ALL });
		expect(body.metadata.resourceVersion).toMatch(/^m\./);
	});

	test.each([1, 2, 3, 4, 5, 6])("comes in parts of %i, of one version", async (limit) => {
		const { found, versions } = await inParts(EVERYWHERE, limit);
		expect(found).toEqual(ALL);
		expect(versions.size).toBe(1);
	});

	test("comes as a Table", async () => {
		const { body } = await request("GET", EVERYWHERE, undefined, TABLE);
		expect(body.rows.map(({ object }: Json) => `${object.metadata.namespace}/${object.metadata.name}`)).toEqual(ALL);
	});
});

describe("a list that makes no sense is refused", () => {
	test.each([
		["a bad label selector", "labelSelector=a%3D%3D%3Db", 400, "unable to parse requirement"],
		["a bad field selector", "fieldSelector=spec.nonsense%3Dx", 400, "field label not supported: spec.nonsense"],
		["a bad continue token", "limit=1&continue=nonsense", 400, "continue key is not valid: "],
		["a bad limit", "limit=ten", 400, 'strconv.ParseInt: parsing "ten": invalid syntax'],
		[
			"a match without a version",
			"resourceVersionMatch=Exact",
			422,
			"resourceVersionMatch is forbidden unless resourceVersion is provided",
		],
	])("%s", async (_, query, code, message) => {
		for (const path of [`${inNamespace("list-a")}/agents`, "/apis/klaw.sh/v1/agents"]) {
			expect(await request("GET", `${path}?${query}`)).toMatchObject({ code, body: { message: expect.stringContaining(message) } });
		}
	});
});

test("a long list comes page by page and whole", async () => {
	await ensureNamespace("long");
	const path = "/api/v1/namespaces/long/configmaps";
	const text = "p".repeat(1_000_000);
	for (let i = 0; i < 9; i++) {
		expect((await request("POST", path, { metadata: { name: `t${i}` }, data: { text } })).code).toBe(201);
	}
	const { body } = await request("GET", path);
	expect(names(body)).toEqual(Array.from({ length: 9 }, (_, i) => `long/t${i}`));
	expect(body.items.every(({ data }: Json) => data.text === text)).toBe(true);
	expect((await request("GET", path, undefined, TABLE)).body.rows).toHaveLength(9);
	expect((await request("GET", `${path}?limit=8`)).body).toMatchObject({ items: { length: 8 }, metadata: { remainingItemCount: 1 } });
});
