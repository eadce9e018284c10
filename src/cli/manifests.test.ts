import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseManifests, readManifests } from "./manifests.ts";

let cwd: string;
beforeEach(async () => {
	cwd = await mkdtemp(join(tmpdir(), "klaw-manifests-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const agent = (name: string) => `apiVersion: klaw.sh/v1\nkind: Agent\nmetadata:\n  name: ${name}\n`;
const read = async (paths: string[], stdin = "") => {
	const objects = await readManifests(paths, { cwd, stdin: Readable.from([stdin]) });
	return objects.map(({ object }) => object.metadata.name);
};

it("reads several documents, JSON and lists, and skips empty documents", () => {
	const list = JSON.stringify({
		kind: "List",
		apiVersion: "v1",
		items: [{ apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "c" } }],
	});
	const objects = parseManifests(`---\n${agent("a")}---\n# nothing\n---\n${agent("b")}---\n${list}\n`, "f");
	expect(objects.map(({ object }) => object.metadata.name)).toEqual(["a", "b", "c"]);
});

it("reads the YAML and JSON files of a directory in order, and standard input", async () => {
	await mkdir(join(cwd, "d"));
	await writeFile(join(cwd, "d", "2.yml"), agent("two"));
	await writeFile(join(cwd, "d", "1.yaml"), agent("one"));
	await writeFile(join(cwd, "d", "README.md"), "no manifest");
	expect(await read(["d", "-"], agent("piped"))).toEqual(["one", "two", "piped"]);
});

it.each([
	["no kind", "apiVersion: v1\nmetadata: {name: x}", /f is not an object of Kubernetes' form: kind is missing\./],
	["no metadata", "apiVersion: v1\nkind: Agent", /metadata is missing\./],
	["a text", "hello", /f is not an object/],
	["broken YAML in the second document", `${agent("a")}---\na: [`, /f, document 2 is not valid YAML/],
	["a list with a wrong item", "apiVersion: v1\nkind: List\nitems: [3]", /f, item 1 is not an object/],
])("%s is refused by file and document", (_, text, message) => {
	expect(() => parseManifests(text, "f")).toThrow(message);
});

it("a file that is not there, and one without objects, are named", async () => {
	await expect(read(["gone.yaml"])).rejects.toThrow('the path "gone.yaml" does not exist');
	await expect(read(["-"], "# nothing\n")).rejects.toThrow("no objects passed to this command");
});

it("the objects of a directory in a directory are read only when it is asked for", async () => {
	await mkdir(join(cwd, "d", "e"), { recursive: true });
	await writeFile(join(cwd, "d", "a.yaml"), agent("a"));
	await writeFile(join(cwd, "d", "e", "b.json"), JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" } }));
	const names = async (recursive: boolean) =>
		(await readManifests(["d"], { cwd, stdin: Readable.from([]) }, { recursive })).map(({ object, source }) => [
			object.metadata.name,
			source,
		]);
	expect(await names(false)).toEqual([["a", "d/a.yaml"]]);
	expect(await names(true)).toEqual([
		["a", "d/a.yaml"],
		["b", "d/e/b.json"],
	]);
});

it("a URL is read, and what it answers instead is told", async () => {
	const server = createServer((request, response) => {
		response.statusCode = request.url === "/a.yaml" ? 200 : 404;
		response.end(agent("a"));
	}).listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	const address = server.address();
	const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
	try {
		expect(await read([`${url}/a.yaml`])).toEqual(["a"]);
		await expect(read([`${url}/b.yaml`])).rejects.toThrow(
			`unable to read URL "${url}/b.yaml", server reported 404 Not Found, status code=404`,
		);
	} finally {
		server.closeAllConnections();
		server.close();
	}
});

it("a small file cannot become a huge object by its aliases", () => {
	const bomb = Array.from(
		{ length: 12 },
		(_, i) =>
			`a${i}: &a${i} [${Array(10)
				.fill(i === 0 ? "x" : `*a${i - 1}`)
				.join(", ")}]`,
	);
	expect(() => parseManifests(bomb.join("\n"), "f")).toThrow(/f is not valid YAML: Excessive alias count/);
});
