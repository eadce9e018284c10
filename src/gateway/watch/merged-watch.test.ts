import { describe, expect, test } from "vitest";
import { decodeMergedVersion, encodeMergedVersion } from "../../api/merged-version.ts";
import { ApiError, failure } from "../../api/status.ts";
import type { WatchOptions } from "../options/watch-options.ts";
import { mergedWatch } from "./merged-watch.ts";

const WATCH: WatchOptions = { allowWatchBookmarks: true, sendInitialEvents: false };

/** Namespaces in memory, whose streams the test writes. */
class Cluster {
	readonly opened: [string, WatchOptions][] = [];
	readonly #streams = new Map<string, { controller?: ReadableStreamDefaultController<Uint8Array>; cancelled: boolean }>();
	readonly #names: string[];
	readonly refusals = new Map<string, Response>();

	constructor(...names: string[]) {
		this.#names = names;
	}

	watch(watch: Partial<WatchOptions> = {}) {
		return mergedWatch(
			{
				names: this.#names,
				changes: async () => this.#stream("namespaces"),
				open: async (namespace, options) => {
					this.opened.push([namespace, options]);
					return this.refusals.get(namespace) ?? this.#stream(namespace);
				},
				line: (event) => `${JSON.stringify(event)}\n`,
			},
			{ ...WATCH, ...watch },
		);
	}

	#stream(name: string): Response {
		const stream: { controller?: ReadableStreamDefaultController<Uint8Array>; cancelled: boolean } = { cancelled: false };
		this.#streams.set(name, stream);
		const body = new ReadableStream<Uint8Array>({
			start(controller) {
				stream.controller = controller;
			},
			cancel() {
				stream.cancelled = true;
			},
		});
		return new Response(body);
	}

	write(name: string, text: string): void {
		this.#streams.get(name)?.controller?.enqueue(new TextEncoder().encode(text));
	}

	event(namespace: string, type: string, version: string, annotations?: object): void {
		this.write(
			namespace,
			`${JSON.stringify({ type, object: { metadata: { name: "x", namespace, resourceVersion: version, annotations } } })}\n`,
		);
	}

	namespace(type: "ADDED" | "DELETED", name: string): void {
		this.write("namespaces", `${JSON.stringify({ type, object: { metadata: { name, resourceVersion: "1" } } })}\n`);
	}

	end(name: string): void {
		this.#streams.get(name)?.controller?.close();
	}

	fail(name: string): void {
		this.#streams.get(name)?.controller?.error(new Error("lost"));
	}

	cancelled(): string[] {
		return [...this.#streams].filter(([, { cancelled }]) => cancelled).map(([name]) => name);
	}
}

interface Line {
	type: string;
	object?: { metadata: { namespace: string; resourceVersion: string } };
	resourceVersion?: string;
	initialEventsEnd?: boolean;
	status?: { code: number };
}

/** Reads a stream line by line. */
function reading(stream: ReadableStream<Uint8Array>) {
	const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	return {
		async next(): Promise<Line | undefined> {
			while (!text.includes("\n")) {
				const { done, value } = await reader.read();
				if (done) return undefined;
				text += value;
			}
			const [line = "", ...rest] = text.split("\n");
			text = rest.join("\n");
			return JSON.parse(line);
		},
		cancel: () => reader.cancel(),
	};
}

const versions = (line: Line | undefined) => Object.fromEntries(decodeMergedVersion(line?.resourceVersion ?? "") ?? []);
const of = (line: Line | undefined) => `${line?.type} ${line?.object?.metadata.namespace}/${line?.object?.metadata.resourceVersion}`;
const merged = (given: Record<string, string>) => encodeMergedVersion(new Map(Object.entries(given)));

describe("a watch of all namespaces", () => {
	test("brings what happens in each, and after a burst one bookmark with the versions of all", async () => {
		const cluster = new Cluster("a", "b");
		const lines = reading(await cluster.watch({ resourceVersion: merged({ a: "1", b: "2" }) }));
		expect(cluster.opened.map(([name, { resourceVersion }]) => [name, resourceVersion])).toEqual([
			["a", "1"],
			["b", "2"],
		]);
		cluster.event("a", "ADDED", "9");
		expect(of(await lines.next())).toBe("ADDED a/9");
		cluster.event("b", "MODIFIED", "3");
		cluster.event("a", "DELETED", "10");
		expect([of(await lines.next()), of(await lines.next())].sort()).toEqual(["DELETED a/10", "MODIFIED b/3"]);
		const bookmark = await lines.next();
		expect(bookmark).toMatchObject({ type: "BOOKMARK", initialEventsEnd: false });
		expect(versions(bookmark)).toEqual({ a: "10", b: "3" });
	});

	test("without bookmarks brings none", async () => {
		const cluster = new Cluster("a");
		const lines = reading(await cluster.watch({ allowWatchBookmarks: false }));
		cluster.event("a", "ADDED", "1");
		cluster.event("a", "BOOKMARK", "5");
		expect(of(await lines.next())).toBe("ADDED a/1");
		cluster.end("namespaces");
		expect(await lines.next()).toBeUndefined();
	});

	test("says once, when the last namespace has shown it, where what was there first ends", async () => {
		const cluster = new Cluster("a", "b");
		const lines = reading(await cluster.watch({ sendInitialEvents: true }));
		const end = { "k8s.io/initial-events-end": "true" };
		cluster.event("a", "ADDED", "1");
		cluster.event("a", "BOOKMARK", "4", end);
		expect(of(await lines.next())).toBe("ADDED a/1");
		cluster.event("b", "ADDED", "7");
		cluster.event("b", "BOOKMARK", "8", end);
		expect(of(await lines.next())).toBe("ADDED b/7");
		const bookmark = await lines.next();
		expect(bookmark).toMatchObject({ type: "BOOKMARK", initialEventsEnd: true });
		expect(versions(bookmark)).toEqual({ a: "4", b: "8" });
	});

	test("says so at once where there are no namespaces", async () => {
		const lines = reading(await new Cluster().watch({ sendInitialEvents: true }));
		expect(await lines.next()).toMatchObject({ type: "BOOKMARK", initialEventsEnd: true });
	});

	test("follows a namespace that comes, as a whole, and outlives one that goes", async () => {
		const cluster = new Cluster("a");
		const lines = reading(await cluster.watch({ resourceVersion: merged({ a: "1" }) }));
		cluster.namespace("ADDED", "a");
		cluster.namespace("DELETED", "a");
		cluster.namespace("ADDED", "new");
		await expect.poll(() => cluster.opened.slice(1)).toEqual([["new", { allowWatchBookmarks: true, sendInitialEvents: false }]]);
		cluster.event("a", "DELETED", "5");
		expect(of(await lines.next())).toBe("DELETED a/5");
		cluster.fail("a");
		expect(versions(await lines.next())).toEqual({});
		cluster.namespace("ADDED", "a");
		await expect.poll(() => cluster.opened.length).toBe(3);
		cluster.event("new", "ADDED", "2");
		expect(of(await lines.next())).toBe("ADDED new/2");
		expect(versions(await lines.next())).toEqual({ new: "2" });
	});

	test("ends with a last bookmark when one of its streams does, and lets go of the others", async () => {
		for (const end of ["end", "fail"] as const) {
			const cluster = new Cluster("a", "b");
			const lines = reading(await cluster.watch());
			cluster.event("a", "ADDED", "3");
			expect(of(await lines.next())).toBe("ADDED a/3");
			cluster[end]("b");
			expect(versions(await lines.next())).toEqual({ a: "3" });
			expect(await lines.next()).toBeUndefined();
			expect(cluster.cancelled()).toEqual(["namespaces", "a"]);
		}
	});

	test("ends after an error of a namespace", async () => {
		const cluster = new Cluster("a", "b");
		const lines = reading(await cluster.watch({ allowWatchBookmarks: false }));
		cluster.write("a", `${JSON.stringify({ type: "ERROR", object: failure("Expired", "too old resource version: 1") })}\n`);
		expect(await lines.next()).toMatchObject({ type: "ERROR" });
		expect(await lines.next()).toBeUndefined();
	});

	test("lets go of everything when the client goes", async () => {
		const cluster = new Cluster("a", "b");
		const lines = reading(await cluster.watch());
		await lines.cancel();
		await expect.poll(() => cluster.cancelled()).toEqual(["namespaces", "a", "b"]);
	});

	test("takes lines that come in pieces, in the middle of a letter too", async () => {
		const cluster = new Cluster("a");
		const bytes = new TextEncoder().encode(
			`${JSON.stringify({ type: "ADDED", object: { metadata: { namespace: "ä", resourceVersion: "1" } } })}\n`,
		);
		const lines = reading(await cluster.watch());
		for (const byte of bytes) cluster.write("a", new TextDecoder("latin1").decode(Uint8Array.of(byte)));
		expect(of(await lines.next())).toMatch(/^ADDED .*\/1$/);
	});
});

describe("a watch of all namespaces cannot go on", () => {
	test.each([
		["from a version of one namespace", "17"],
		["from nonsense", "m.!"],
		["from where a namespace was that is gone", merged({ a: "1", gone: "2" })],
	])("%s: 410, and the client lists anew", async (_, resourceVersion) => {
		const lines = reading(await new Cluster("a").watch({ resourceVersion }));
		expect(await lines.next()).toMatchObject({ type: "ERROR", status: { code: 410, reason: "Expired" } });
		expect(await lines.next()).toBeUndefined();
	});

	test("when a namespace refuses: what it says is the answer, and the others are let go", async () => {
		const cluster = new Cluster("a", "b");
		cluster.refusals.set("b", Response.json(failure("BadRequest", "found 'x'"), { status: 400 }));
		await expect(cluster.watch()).rejects.toThrow(new ApiError(failure("BadRequest", "found 'x'")));
		expect(cluster.cancelled()).toEqual(["namespaces", "a"]);
	});

	test("when a namespace has forgotten what was: 410 in the stream", async () => {
		const cluster = new Cluster("a");
		cluster.refusals.set("a", Response.json(failure("Expired", "too old resource version: 1"), { status: 410 }));
		expect(await reading(await cluster.watch()).next()).toMatchObject({ type: "ERROR", status: { code: 410 } });
	});
});
