import { describe, expect, test } from "vitest";
import { inNamespace, request } from "../../test/fakes/api.ts";

const A = `${inNamespace("crud")}/agents`;
const TABLE = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

describe("an agent", () => {
	test("is created, got, listed, replaced and deleted", async () => {
		const created = await request("POST", A, { metadata: { name: "coder", labels: { team: "a" } }, spec: { model: "offline/shell" } });
		expect(created).toMatchObject({
			code: 201,
			body: { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "coder", namespace: "crud", generation: 1 } },
		});
		expect(created.body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

		expect(await request("GET", `${A}/coder`)).toMatchObject({ code: 200, body: created.body });
		expect((await request("GET", A)).body).toMatchObject({
			apiVersion: "klaw.sh/v1",
			kind: "AgentList",
			metadata: { resourceVersion: created.body.metadata.resourceVersion },
			items: [created.body],
		});

		const replaced = await request("PUT", `${A}/coder`, { ...created.body, spec: { instructions: "Be brief." } });
		expect(replaced).toMatchObject({
			code: 200,
			body: { metadata: { generation: 2, uid: created.body.metadata.uid }, spec: { instructions: "Be brief." } },
		});
		expect(replaced.body.status.revision).not.toBe(created.body.status.revision);
		expect(Number(replaced.body.metadata.resourceVersion)).toBeGreaterThan(Number(created.body.metadata.resourceVersion));

		expect(await request("PUT", `${A}/coder`, created.body)).toMatchObject({ code: 409, body: { reason: "Conflict" } });

		const { uid } = created.body.metadata;
		const deleted = await request("DELETE", `${A}/coder`);
		expect(deleted).toMatchObject({
			code: 200,
			body: { kind: "Status", status: "Success", details: { name: "coder", group: "klaw.sh", kind: "agents", uid } },
		});
		expect(await request("GET", `${A}/coder`)).toMatchObject({
			code: 404,
			body: { kind: "Status", status: "Failure", reason: "NotFound", code: 404, message: 'agents.klaw.sh "coder" not found' },
		});
	});

	test("that is applied twice is created once and then unchanged", async () => {
		const first = await request("PUT", `${A}/applied`, { spec: {} });
		const second = await request("PUT", `${A}/applied`, { spec: {} });
		expect([first.code, second.code]).toEqual([201, 200]);
		expect(second.body).toEqual(first.body);
	});

	test("that exists already is a 409, and a name of the server's choice never is", async () => {
		await request("POST", A, { metadata: { name: "twice" } });
		expect(await request("POST", A, { metadata: { name: "twice" } })).toMatchObject({ code: 409, body: { reason: "AlreadyExists" } });
		const [a, b] = [
			await request("POST", A, { metadata: { generateName: "gen-" } }),
			await request("POST", A, { metadata: { generateName: "gen-" } }),
		];
		expect(a.body.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
		expect(b.body.metadata.name).not.toBe(a.body.metadata.name);
	});

	test("comes from YAML as from JSON", async () => {
		const yaml = "kind: Agent\nmetadata:\n  name: from-yaml\nspec:\n  instructions: |\n    Two\n    lines\n";
		const created = await request("POST", A, yaml, { "Content-Type": "application/yaml" });
		expect(created).toMatchObject({ code: 201, body: { spec: { instructions: "Two\nlines\n" } } });
	});

	test("is not seen from another namespace", async () => {
		await request("POST", A, { metadata: { name: "mine" } });
		expect((await request("GET", `${inNamespace("other")}/agents/mine`)).code).toBe(404);
		expect((await request("GET", `${inNamespace("other")}/agents`)).body.items).toEqual([]);
	});
});

describe("a Table", () => {
	test("comes for a list and for one object", async () => {
		const tables = `${inNamespace("tables")}/agents`;
		for (const name of ["b", "a"]) await request("POST", tables, { metadata: { name } });
		const list = await request("GET", tables, undefined, TABLE);
		expect(list.body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
		expect(list.body.rows.map((row: { cells: string[] }) => row.cells[0])).toEqual(["a", "b"]);
		expect(list.body.rows[0].object).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "a" } });
		const one = await request("GET", `${tables}/a?includeObject=None`, undefined, TABLE);
		expect(one.body.rows).toEqual([{ cells: expect.arrayContaining(["a", "Idle"]) }]);
	});
});

test("a long list comes page by page and whole", async () => {
	const tasks = `${inNamespace("long")}/tasks`;
	await request("POST", `${inNamespace("long")}/agents`, { metadata: { name: "a" }, spec: { model: "offline/shell" } });
	const prompt = "p".repeat(1_000_000);
	for (let i = 0; i < 9; i++) expect((await request("POST", tasks, { metadata: { name: `t${i}` }, spec: { prompt } })).code).toBe(201);
	const { body } = await request("GET", tasks);
	expect(body.items.map((task: { metadata: { name: string } }) => task.metadata.name)).toEqual(
		Array.from({ length: 9 }, (_, i) => `t${i}`),
	);
	expect(body.items.every((task: { spec: { prompt: string } }) => task.spec.prompt === prompt)).toBe(true);
	expect((await request("GET", tasks, undefined, TABLE)).body.rows).toHaveLength(9);
});

describe("a list", () => {
	test.each(["watch=true", "labelSelector=a%3Db", "fieldSelector=metadata.name%3Dx", "continue=abc"])(
		"asked for with %s is a 400 that names it",
		async (query) => {
			for (const path of [A, "/api/v1/nodes"]) {
				const { code, body } = await request("GET", `${path}?${query}`);
				expect({ code, reason: body.reason }).toEqual({ code: 400, reason: "BadRequest" });
				expect(body.message).toContain(query.split("=")[0]);
			}
		},
	);

	test.each(["limit=500", "watch=false", "labelSelector=", "resourceVersion=0"])("asked for with %s is whole", async (query) => {
		for (const path of [A, "/api/v1/nodes"])
			expect((await request("GET", `${path}?${query}`)).body).toEqual((await request("GET", path)).body);
	});
});
