import { beforeAll, describe, expect, test } from "vitest";
import { ensureNamespace, inNamespace, request } from "../../test/fakes/api.ts";

const A = `${inNamespace("crud")}/agents`;
const TABLE = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };
const PARTIAL = { Accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" };
const create = (name: string, spec: object = {}) => request("POST", A, { metadata: { name }, spec });
const patch = (type: string, path: string, body: unknown) => request("PATCH", path, body, { "Content-Type": `application/${type}` });

beforeAll(async () => {
	await ensureNamespace("crud");
	await ensureNamespace("other");
});

describe("an agent", () => {
	test("is created, got, listed, replaced and deleted", async () => {
		const created = await request("POST", A, { metadata: { name: "coder", labels: { team: "a" } }, spec: { model: "offline/shell" } });
		expect(created).toMatchObject({
			code: 201,
			body: { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "coder", namespace: "crud", generation: 1 } },
		});
		expect(await request("GET", `${A}/coder`)).toMatchObject({ code: 200, body: { metadata: { uid: created.body.metadata.uid } } });
		expect((await request("GET", A)).body).toMatchObject({
			apiVersion: "klaw.sh/v1",
			kind: "AgentList",
			items: expect.arrayContaining([expect.objectContaining({ metadata: expect.objectContaining({ name: "coder" }) })]),
		});

		const replaced = await request("PUT", `${A}/coder`, { ...created.body, spec: { instructions: "Be brief." } });
		expect(replaced).toMatchObject({ code: 200, body: { metadata: { generation: 2 }, spec: { instructions: "Be brief." } } });
		expect(await request("PUT", `${A}/coder`, created.body)).toMatchObject({ code: 409, body: { reason: "Conflict" } });

		const { uid } = created.body.metadata;
		expect(await request("DELETE", `${A}/coder`)).toMatchObject({
			code: 200,
			body: { kind: "Status", status: "Success", details: { name: "coder", group: "klaw.sh", kind: "agents", uid } },
		});
		expect(await request("GET", `${A}/coder`)).toMatchObject({
			code: 404,
			body: { kind: "Status", status: "Failure", reason: "NotFound", code: 404, message: 'agents.klaw.sh "coder" not found' },
		});
	});

	test("that exists already is a 409, and a name of the server's choice never is", async () => {
		await create("twice");
		expect(await create("twice")).toMatchObject({ code: 409, body: { reason: "AlreadyExists" } });
		const [a, b] = [
			await request("POST", A, { metadata: { generateName: "gen-" } }),
			await request("POST", A, { metadata: { generateName: "gen-" } }),
		];
		expect(a.body.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
		expect(b.body.metadata.name).not.toBe(a.body.metadata.name);
	});

	test("comes from YAML as from JSON, and is sent as YAML to who asks for it", async () => {
		const yaml = "kind: Agent\nmetadata:\n  name: from-yaml\nspec:\n  instructions: |\n    Two\n    lines\n";
		const created = await request("POST", A, yaml, { "Content-Type": "application/yaml" });
		expect(created).toMatchObject({ code: 201, body: { spec: { instructions: "Two\nlines\n" } } });
		const got = await request("GET", `${A}/from-yaml`, undefined, { Accept: "application/yaml" });
		expect(got.headers.get("Content-Type")).toBe("application/yaml");
		expect(got.text).toContain("instructions: |\n    Two\n    lines\n");
	});

	test("is not seen from another namespace", async () => {
		await create("mine");
		expect((await request("GET", `${inNamespace("other")}/agents/mine`)).code).toBe(404);
		expect((await request("GET", `${inNamespace("other")}/agents`)).body.items).toEqual([]);
	});

	test("that is written as dry run is answered and not there", async () => {
		expect(await request("POST", `${A}?dryRun=All`, { metadata: { name: "dry" } })).toMatchObject({
			code: 201,
			body: { metadata: { name: "dry" } },
		});
		expect((await request("GET", `${A}/dry`)).code).toBe(404);
	});
});

describe("a patch", () => {
	test.each([
		["json-patch+json", [{ op: "replace", path: "/spec/model", value: "offline/b" }]],
		["merge-patch+json", { spec: { model: "offline/b" } }],
	])("of type %s changes what it says", async (type, body) => {
		const name = `patched-by-${type.replace("+", "-")}`;
		await create(name, { model: "offline/a", instructions: "x" });
		expect(await patch(type, `${A}/${name}`, body)).toMatchObject({ code: 200, body: { spec: { model: "offline/b", instructions: "x" } } });
	});

	test("of a Kubernetes kind may be strategic", async () => {
		const path = "/api/v1/namespaces/crud/configmaps";
		await request("POST", path, { metadata: { name: "c" }, data: { a: "1" } });
		expect(await patch("strategic-merge-patch+json", `${path}/c`, { data: { b: "2" } })).toMatchObject({
			code: 200,
			body: { data: { a: "1", b: "2" } },
		});
	});

	test("that is applied creates, and conflicts with other managers unless forced", async () => {
		const config = "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: applied}\nspec: {model: offline/a}\n";
		const path = `${A}/applied?fieldManager=`;
		expect((await patch("apply-patch+yaml", `${path}one`, config)).code).toBe(201);
		expect((await patch("apply-patch+yaml", `${path}one`, config)).code).toBe(200);
		const other = config.replace("offline/a", "offline/b");
		expect(await patch("apply-patch+yaml", `${path}two`, other)).toMatchObject({
			code: 409,
			body: { message: 'Apply failed with 1 conflict: conflict with "one": .spec.model' },
		});
		expect((await patch("apply-patch+yaml", `${path}two&force=true`, other)).body.spec.model).toBe("offline/b");
	});

	test.each(["apply-patch+cbor", "strategic-merge-patch+json", "json"])("of type %s is a 415 that says which there are", async (type) => {
		await create("unpatched");
		expect(await patch(type, `${A}/unpatched`, {})).toMatchObject({
			code: 415,
			body: {
				reason: "UnsupportedMediaType",
				message: expect.stringMatching(
					/^the body of the request was in an unknown format - accepted media types include: .*application\/merge-patch\+json/,
				),
			},
		});
	});
});

describe("a field that stands twice", () => {
	const body = '{"metadata":{"name":"double"},"spec":{"model":"offline/a","model":"offline/b"}}';

	test("is warned about", async () => {
		const { code, headers } = await request("POST", `${A}?dryRun=All`, body);
		expect({ code, warning: headers.get("Warning") }).toEqual({ code: 201, warning: '299 - "duplicate field \\"spec.model\\""' });
		expect((await request("POST", `${A}?dryRun=All&fieldValidation=Ignore`, body)).headers.get("Warning")).toBeNull();
	});

	test("is refused under strict validation", async () => {
		expect(await request("POST", `${A}?fieldValidation=Strict`, body)).toMatchObject({
			code: 400,
			body: { message: 'Agent in version "v1" cannot be handled as a Agent: strict decoding error: duplicate field "spec.model"' },
		});
	});
});

describe("an object is sent as it is asked for", () => {
	test("as a Table, alone and in a list", async () => {
		await ensureNamespace("tables");
		const tables = `${inNamespace("tables")}/agents`;
		for (const name of ["b", "a"]) await request("POST", tables, { metadata: { name } });
		const list = await request("GET", tables, undefined, TABLE);
		expect(list.body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
		expect(list.body.rows.map((row: { cells: string[] }) => row.cells[0])).toEqual(["a", "b"]);
		expect(list.body.rows[0].object).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "a" } });
		const one = await request("GET", `${tables}/a?includeObject=None`, undefined, TABLE);
		expect(one.body.rows).toEqual([{ cells: expect.arrayContaining(["a"]) }]);
	});

	test("as its metadata", async () => {
		await create("partial");
		const { body } = await request("GET", `${A}/partial`, undefined, PARTIAL);
		expect(body).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "partial" } });
		expect(body.spec).toBeUndefined();
	});

	test("or not at all, which is a 406", async () => {
		expect(await request("GET", A, undefined, { Accept: "text/html" })).toMatchObject({ code: 406, body: { reason: "NotAcceptable" } });
	});
});

describe("many are deleted at once", () => {
	test("by their labels", async () => {
		for (const [name, team] of Object.entries({ "del-a": "x", "del-b": "x", "del-c": "y" })) {
			await request("POST", A, { metadata: { name, labels: { team } } });
		}
		expect((await request("DELETE", `${A}?labelSelector=team%3Dx`)).code).toBe(200);
		expect((await request("GET", `${A}?labelSelector=team%20in%20(x,y)`)).body.items).toMatchObject([{ metadata: { name: "del-c" } }]);
	});

	test("in all namespaces by nobody", async () => {
		expect(await request("DELETE", "/apis/klaw.sh/v1/agents")).toMatchObject({ code: 405, body: { reason: "MethodNotAllowed" } });
	});
});
