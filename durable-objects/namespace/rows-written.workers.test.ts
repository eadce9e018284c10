import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { ApiRequest, Caller } from "../../src/api/request.ts";
import { namespaceObjectName } from "../names.ts";

const ADMIN: Caller = { user: "admin", groups: ["system:masters"] };
const WRITE = { dryRun: false, fieldManager: "test", fieldValidation: "Warn" } as const;

type Asked = ApiRequest extends infer One ? (One extends ApiRequest ? Omit<One, "caller" | "resource" | "namespace"> : never) : never;

/** Rows that each request writes: they are what Cloudflare bills for. */
async function rowsWritten(requests: readonly { plural: string; group: string; asked: Asked }[]): Promise<number[]> {
	const stub = env.NAMESPACE.getByName(namespaceObjectName("default", "default"));
	return runInDurableObject(stub, async (object, { storage }) => {
		const { sql } = storage;
		const exec = sql.exec.bind(sql);
		let cursors: { rowsWritten: number }[] = [];
		sql.exec = ((query: string, ...bindings: unknown[]) => {
			const cursor = exec(query, ...bindings);
			cursors.push(cursor);
			return cursor;
		}) as typeof sql.exec;
		const rows: number[] = [];
		for (const { plural, group, asked } of requests) {
			cursors = [];
			const request = { caller: ADMIN, namespace: "default", resource: { group, version: "v1", plural }, ...asked };
			const answer = await object.api(request as ApiRequest);
			expect(answer).toMatchObject({ ok: true });
			rows.push(cursors.reduce((sum, cursor) => sum + cursor.rowsWritten, 0));
		}
		return rows;
	});
}

const agents = (asked: Asked) => ({ plural: "agents", group: "klaw.sh", asked });
const configMaps = (asked: Asked) => ({ plural: "configmaps", group: "", asked });

test("a write costs its object, its change and its audit record, and no index", async () => {
	const body = { metadata: { name: "counted" }, data: { a: "b" } };
	const [, created, patched, same, read, deleted] = await rowsWritten([
		configMaps({ verb: "list", list: {} }),
		configMaps({ verb: "create", body, write: WRITE }),
		configMaps({ verb: "patch", name: "counted", patch: "merge", body: { data: { a: "c" } }, write: WRITE }),
		configMaps({ verb: "patch", name: "counted", patch: "merge", body: { data: { a: "c" } }, write: WRITE }),
		configMaps({ verb: "get", name: "counted" }),
		configMaps({ verb: "delete", name: "counted", delete: { dryRun: false } }),
	]);
	expect({ created, patched, same, read, deleted }).toEqual({ created: 3, patched: 3, same: 1, read: 0, deleted: 3 });
});

test("a new spec of an agent costs its revision as well, and new metadata does not", async () => {
	const agent = { metadata: { name: "counted" }, spec: { model: "offline/shell", instructions: "Count." } };
	const patch = (body: object) => agents({ verb: "patch", name: "counted", patch: "merge", body, write: WRITE });
	const [, created, labelled, changed] = await rowsWritten([
		agents({ verb: "list", list: {} }),
		agents({ verb: "create", body: agent, write: WRITE }),
		patch({ metadata: { labels: { a: "b" } } }),
		patch({ spec: { instructions: "Count again." } }),
	]);
	// The revision, its change, and whose it is.
	expect({ created, labelled, changed }).toEqual({ created: 6, labelled: 3, changed: 6 });
});
