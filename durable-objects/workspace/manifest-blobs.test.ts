import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { encodeManifest } from "../../containers/node/checkpoint/stored-bytes.ts";
import { manifestBlobs } from "./manifest-blobs.ts";

const name = (index: number) => index.toString(16).padStart(64, "0");
const packed = (text: string) => new Uint8Array(gzipSync(text));

describe("the blobs that a manifest names", () => {
	it("are those that the node put into it", async () => {
		const blobs = [name(1), name(2)];
		const entries = [{ type: "file" as const, path: "a", mode: 0o644, mtime: 1, parts: [[0, 0, 5] as [number, number, number]] }];
		const stored = await encodeManifest({ version: 1, blobs, entries });
		expect(await manifestBlobs(new Uint8Array(stored ?? []))).toEqual(blobs);
	});

	it("are none in a manifest of an empty workspace", async () => {
		expect(await manifestBlobs(packed('{"version":1,"blobs":[],"entries":[]}'))).toEqual([]);
	});

	it("are found wherever the field stands, and not in the name of a file that looks like it", async () => {
		const entries = Array.from({ length: 20_000 }, (_, index) => ({ path: `"blobs":["${name(index)}"]` }));
		expect(await manifestBlobs(packed(JSON.stringify({ entries, blobs: [name(7)] })))).toEqual([name(7)]);
	});

	it("are found when there are many", async () => {
		const blobs = Array.from({ length: 20_000 }, (_, index) => name(index));
		expect(await manifestBlobs(packed(JSON.stringify({ blobs })))).toEqual(blobs);
	});

	it.each([
		["bytes that are no gzip", new Uint8Array([1, 2, 3])],
		["nothing", new Uint8Array()],
		["no JSON", packed("hello")],
		["another field", packed('{"files":[]}')],
		["a name that is none", packed('{"blobs":["../../x"]}')],
		["a number", packed('{"blobs":[1]}')],
		["a list without an end", packed(`{"blobs":["${name(1)}"`)],
		["a list that never ends", packed(`{"blobs":[${`"${name(1)}",`.repeat(200_000)}`)],
	])("are not to be had of %s", async (_, bytes) => {
		await expect(manifestBlobs(bytes)).rejects.toThrow();
	});
});
