import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeApiServer, failure } from "../../../../test/fakes/api-server.ts";
import { type Ran, runKlaw } from "../../test-io.ts";

const PATH = "/apis/klaw.sh/v1/nodejointokens";
const MADE = { apiVersion: "klaw.sh/v1", kind: "NodeJoinToken", metadata: { name: "join-x" }, status: { token: "klaw-join-secret" } };

let server: FakeApiServer;
beforeEach(async () => {
	server = new FakeApiServer();
	await server.listen();
});
afterEach(() => server.close());

const klaw = (...argv: string[]): Promise<Ran> => runKlaw(["--server", server.url, "--token", "t", "node", "token", ...argv]);

describe("klaw node token create", () => {
	it.each([
		[[], {}],
		[
			["--ttl", "90m", "--node", "mac", "--uses", "2", "--description", "the Mac"],
			{ ttlSeconds: 5_400, nodeName: "mac", uses: 2, description: "the Mac" },
		],
	])("with %j asks for a token and prints nothing else", async (flags, spec) => {
		server.answer(() => ({ status: 201, json: MADE }));
		expect(await klaw("create", ...flags)).toEqual({ code: 0, stdout: "klaw-join-secret\n", stderr: "" });
		expect(server.requests).toMatchObject([
			{ method: "POST", path: PATH, body: { apiVersion: "klaw.sh/v1", kind: "NodeJoinToken", spec } },
		]);
	});

	it("prints the object where that is asked for", async () => {
		server.answer(() => ({ status: 201, json: MADE }));
		expect(JSON.parse((await klaw("create", "-o", "json")).stdout)).toEqual(MADE);
		expect((await klaw("create", "-o", "name")).stdout).toBe("nodejointoken.klaw.sh/join-x\n");
	});

	it.each([
		[["--uses", "0"], "It must be a whole number of machines, 1 or more."],
		[["--uses", "some"], "It must be a whole number of machines, 1 or more."],
		...["soon", "0", "25h", "86401", "40d"].map((ttl): [string[], string] => [
			["--ttl", ttl],
			"It must be a duration such as 90s, 30m or 1h30m, at most 24h: every join token ends.",
		]),
	])("refuses %j before anything is asked", async (flags, message) => {
		const { code, stderr } = await klaw("create", ...flags);
		expect([code, server.requests]).toEqual([1, []]);
		expect(stderr).toContain(message);
	});
});

describe("klaw node token list", () => {
	it("prints the server's table with all its columns", async () => {
		const columnDefinitions = [
			{ name: "Name", format: "name" },
			{ name: "Description", priority: 1 },
		];
		server.answer(() => ({ json: { kind: "Table", columnDefinitions, rows: [{ cells: ["join-x", "the Mac"] }] } }));
		expect(await klaw("list")).toEqual({ code: 0, stdout: "NAME     DESCRIPTION\njoin-x   the Mac\n", stderr: "" });
	});

	it("says when there are none", async () => {
		server.answer(() => ({ json: { kind: "Table", columnDefinitions: [], rows: [] } }));
		expect(await klaw("ls")).toEqual({ code: 0, stdout: "", stderr: "No resources found\n" });
	});
});

describe("klaw node token list -o", () => {
	const items = [{ metadata: { name: "join-x" }, spec: { ttlSeconds: 60 } }, { metadata: { name: "join-y" } }];
	beforeEach(() => server.answer(() => ({ json: { kind: "NodeJoinTokenList", apiVersion: "klaw.sh/v1", metadata: {}, items } })));

	it("name prints what klaw node token delete takes", async () => {
		const { stdout } = await klaw("list", "-o", "name");
		expect(stdout).toBe("nodejointoken.klaw.sh/join-x\nnodejointoken.klaw.sh/join-y\n");
		await klaw("delete", ...stdout.trim().split("\n"));
		expect(server.requests.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual([
			`DELETE ${PATH}/join-x`,
			`DELETE ${PATH}/join-y`,
		]);
	});

	it("json, yaml and jsonpath print the objects, as for every other kind", async () => {
		const typed = { apiVersion: "klaw.sh/v1", kind: "NodeJoinToken" };
		expect(JSON.parse((await klaw("list", "-o", "json")).stdout)).toMatchObject({
			kind: "List",
			items: [
				{ ...typed, ...items[0] },
				{ ...typed, ...items[1] },
			],
		});
		expect((await klaw("list", "-o", "yaml")).stdout).toContain("name: join-y");
		expect((await klaw("list", "-o", "jsonpath={.items[*].metadata.name}")).stdout).toBe("join-x join-y");
	});

	it("refuses a format that there is not, before anything is asked", async () => {
		expect(await klaw("list", "-o", "table")).toMatchObject({ code: 1, stderr: expect.stringContaining("allowed formats are: ") });
		expect(server.requests).toEqual([]);
	});
});

describe("klaw node token delete", () => {
	it("deletes each of them", async () => {
		server.answer(() => ({ json: { kind: "Status", status: "Success" } }));
		expect(await klaw("delete", "a", "b")).toEqual({
			code: 0,
			stdout: 'nodejointoken.klaw.sh "a" deleted\nnodejointoken.klaw.sh "b" deleted\n',
			stderr: "",
		});
		expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`DELETE ${PATH}/a`, `DELETE ${PATH}/b`]);
	});

	it("deletes the others when one is not there", async () => {
		server.answer(({ path }) =>
			path.endsWith("/a")
				? failure(404, "NotFound", 'nodejointokens.klaw.sh "a" not found')
				: { json: { kind: "Status", status: "Success" } },
		);
		expect(await klaw("delete", "a", "b")).toEqual({
			code: 1,
			stdout: 'nodejointoken.klaw.sh "b" deleted\n',
			stderr: 'Error from server (NotFound): nodejointokens.klaw.sh "a" not found\n',
		});
	});

	it("says what the server says of one that is not there", async () => {
		server.answer(() => failure(404, "NotFound", 'nodejointokens.klaw.sh "a" not found'));
		expect(await klaw("delete", "a")).toMatchObject({
			code: 1,
			stderr: 'Error from server (NotFound): nodejointokens.klaw.sh "a" not found\n',
		});
	});
});
