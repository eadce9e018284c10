import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMergedVersion } from "../../api/merged-version.ts";
import type { ListOptions, ListPage } from "../../api/request.ts";
import { ApiError } from "../../api/status.ts";
import type { BaseResource } from "../../resources/resource.ts";
import { mergedPages } from "./merged-pages.ts";
import type { Namespaces } from "./namespaces.ts";

/** Namespaces in memory: `{a: 2}` has the objects a/0 and a/1 at version 12. Owners answer with three at most. */
function namespaces(sizes: Record<string, number>, asked: string[] = []): Namespaces {
	return {
		names: Object.keys(sizes).sort(),
		page: async (namespace, options) => {
			asked.push(`${namespace} ${JSON.stringify(options)}`);
			const size = sizes[namespace] ?? 0;
			const start = options.continue === undefined ? 0 : Number(options.continue);
			const end = Math.min(size, start + Math.min(options.limit ?? 3, 3));
			const items = Array.from({ length: end - start }, (_, i) => object(namespace, start + i));
			const page: ListPage = { type: "list", items, resourceVersion: String(10 + size) };
			return end < size ? { ...page, continue: String(end), remainingItemCount: size - end } : page;
		},
	};
}

function object(namespace: string, index: number): BaseResource {
	return {
		apiVersion: "v1",
		kind: "Thing",
		metadata: { name: String(index), namespace, uid: "", resourceVersion: "1", creationTimestamp: "" },
	};
}

async function read(from: Namespaces, options: ListOptions) {
	const names: string[] = [];
	let last: ListPage | undefined;
	for await (last of mergedPages(from, options)) names.push(...last.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
	return { names, last };
}

const all = (sizes: Record<string, number>) =>
	Object.entries(sizes)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.flatMap(([namespace, size]) => Array.from({ length: size }, (_, i) => `${namespace}/${i}`));

describe("a list of all namespaces", () => {
	test("has every object once, in order of namespaces, and a version of each namespace", async () => {
		const { names, last } = await read(namespaces({ b: 1, a: 7, c: 0 }), {});
		expect(names).toEqual(all({ a: 7, b: 1 }));
		expect(last?.continue).toBeUndefined();
		expect(decodeMergedVersion(last?.resourceVersion ?? "")).toEqual(new Map(Object.entries({ a: "17", b: "11", c: "10" })));
	});

	test("without namespaces is empty", async () => {
		for (const options of [{}, { limit: 5 }]) {
			const { names, last } = await read(namespaces({}), options);
			expect(names).toEqual([]);
			expect(decodeMergedVersion(last?.resourceVersion ?? "")).toEqual(new Map());
		}
	});

	test("read in parts is the same whole, whatever the limit", async () => {
		const sizes = fc.dictionary(fc.constantFrom("a", "b", "c", "constructor", "e"), fc.nat(9));
		await fc.assert(
			fc.asyncProperty(sizes, fc.integer({ min: 1, max: 12 }), async (sizes, limit) => {
				const names: string[] = [];
				let token: string | undefined;
				const versions = new Set<string>();
				do {
					const part = await read(namespaces(sizes), { limit, continue: token });
					expect(part.names.length).toBeLessThanOrEqual(limit);
					names.push(...part.names);
					token = part.last?.continue;
					versions.add(part.last?.resourceVersion ?? "");
					const remaining = all(sizes).length - names.length;
					expect(part.last?.remainingItemCount ?? 0).toBe(remaining);
					expect(token === undefined).toBe(remaining === 0);
				} while (token !== undefined);
				expect(names).toEqual(all(sizes));
				expect(versions.size).toBe(1);
			}),
		);
	});

	test("goes on when the namespace that it stood in is gone", async () => {
		const { last } = await read(namespaces({ a: 2, b: 5, c: 1 }), { limit: 4 });
		expect((await read(namespaces({ a: 2, c: 1 }), { limit: 4, continue: last?.continue })).names).toEqual(["c/0"]);
	});

	test("does not count what a selector chooses", async () => {
		const { last } = await read(namespaces({ a: 2, b: 5 }), { limit: 2, labelSelector: "x" });
		expect(last?.continue).toBeDefined();
		expect(last?.remainingItemCount).toBeUndefined();
	});

	test("asks each namespace for its own part of a merged version, exactly where that is asked", async () => {
		const { last } = await read(namespaces({ a: 1, b: 2 }), {});
		const asked: string[] = [];
		await read(namespaces({ a: 1, b: 2 }, asked), { resourceVersion: last?.resourceVersion, resourceVersionMatch: "Exact" });
		expect(asked).toEqual([
			'a {"resourceVersion":"11","resourceVersionMatch":"Exact"}',
			'b {"resourceVersion":"12","resourceVersionMatch":"Exact"}',
		]);
	});
});

describe("a list of all namespaces is refused", () => {
	const refusal = async (options: ListOptions) => {
		try {
			await read(namespaces({ a: 1 }), options);
		} catch (error) {
			if (error instanceof ApiError) return error.status;
			throw error;
		}
		throw new Error("was answered");
	};

	test.each([
		"x",
		"!!",
		btoa("{}"),
		btoa('{"v":"klaw.sh/v1","rv":{"a":"x"},"start":"a"}'),
		btoa('{"v":"klaw.sh/v1","rv":{}}').replaceAll("=", ""),
	])("with the continue token %s", async (token) => {
		expect(await refusal({ limit: 1, continue: token })).toMatchObject({
			code: 400,
			message: expect.stringMatching(/^continue key is not valid: /),
		});
	});

	test("with a version beside a continue token", async () => {
		const { last } = await read(namespaces({ a: 2 }), { limit: 1 });
		expect(await refusal({ continue: last?.continue, resourceVersion: "7" })).toMatchObject({
			code: 400,
			message: "specifying resource version is not allowed when using continue",
		});
	});

	test("at exactly the version of one namespace, which says nothing of the others", async () => {
		expect(await refusal({ resourceVersion: "7", resourceVersionMatch: "Exact" })).toMatchObject({ code: 410, reason: "Expired" });
		expect((await read(namespaces({ a: 1 }), { resourceVersion: "7" })).names).toEqual(["a/0"]);
	});
});

test("a namespace that cannot answer fails the list", async () => {
	const broken: Namespaces = {
		names: ["a", "b"],
		page: async (name) => {
			if (name === "b") throw new Error("b is out");
			return { type: "list", items: [], resourceVersion: "1" };
		},
	};
	await expect(read(broken, {})).rejects.toThrow("b is out");
});
