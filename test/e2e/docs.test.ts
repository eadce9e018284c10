import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Document, parseAllDocuments } from "yaml";
import { type Json, Klaw, NAMESPACE, ROOT, until } from "./klaw-process.ts";

const DOCS = join(ROOT, "docs");
const pages = (await readdir(DOCS)).filter((name) => name.endsWith(".md"));
const text = new Map(await Promise.all(pages.map(async (page) => [page, await readFile(join(DOCS, page), "utf8")] as const)));

/** Every object of the YAML of a page. */
function manifests(page: string): Json[] {
	const blocks = [...(text.get(page) ?? "").matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, body]) => body ?? "");
	return blocks.flatMap((block) => parseAllDocuments(block).map((document) => (document as Document).toJS()));
}

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

describe("the documentation", () => {
	it("has links that lead somewhere", async () => {
		for (const [page, body] of [...text, ["../README.md", await readFile(join(ROOT, "README.md"), "utf8")] as const]) {
			for (const [, link = ""] of body.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
				expect(await readFile(join(DOCS, page, "..", link)).catch(() => undefined), `${page} links to ${link}`).toBeDefined();
			}
		}
	});

	it("has YAML that a cluster takes and that --what-if can answer, block by block in order", async () => {
		const all = pages.flatMap(manifests);
		expect(all.length).toBeGreaterThan(8);
		for (const manifest of all) {
			const file = join(klaw.dir, "manifest.json");
			await writeFile(file, JSON.stringify(manifest));
			const { code, stderr } = await klaw.cli(["apply", "-f", file]);
			expect(code, `${manifest.kind} ${manifest.metadata?.name}: ${stderr}`).toBe(0);
			if (manifest.kind !== "Agent") continue;
			const asked = await klaw.cli(["why", "--what-if", "-f", file]);
			expect(asked.code, asked.stderr).toBe(0);
		}
	});

	it("has JSON that parses", () => {
		for (const body of text.values()) for (const [, json = ""] of body.matchAll(/^```json\n([\s\S]*?)^```/gm)) JSON.parse(json);
	});

	it("says rightly that sessions keep away from the labels of others, those of a Task among them", async () => {
		await klaw.api("POST", `${NAMESPACE}/tasks`, {
			metadata: { name: "batch", labels: { tier: "batch" } },
			spec: { agent: "default", prompt: "$ touch here; until [ -e go ]; do sleep 0.05; done" },
		});
		const status = async (plural: string, name: string) => (await klaw.api("GET", `${NAMESPACE}/${plural}/${name}`)).body.status ?? {};
		await until(async () => (await status("sessions", "batch")).node === "local", 30_000);
		expect((await klaw.cli(["get", "pods", "-l", "tier=batch", "-o", "name"])).stdout).toContain("pod/batch");
		await klaw.createTask("front", { agent: "frontdesk", prompt: "$ echo served" });
		await until(async () => (await status("sessions", "front")).waitingFor?.includes("anti-affinity rules") === true, 30_000);
		expect((await klaw.cli(["exec", "batch", "--", "touch", "go"])).code).toBe(0);
		expect(await klaw.taskEnd("front")).toMatchObject({ phase: "Succeeded" });
	});
});
