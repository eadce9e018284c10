import { expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { overCeiling } from "./ceiling.ts";
import { scan } from "./scan.ts";
import { plant } from "./testing/tree.ts";

const FILES = { a: { file: "" }, b: { file: "" }, c: { file: "" } };

it("a scan whose patterns take more than 10 s ends, and the session is told what to do", async () => {
	const root = temporaryDirectory();
	plant(root, FILES);
	let now = 0;
	let asked = 0;
	const slow = () => {
		asked++;
		now += 6_000;
		return true;
	};
	const found = await scan(root, slow, { clock: () => now });
	expect(asked).toBe(2);
	expect(overCeiling(found, 1_000)).toMatch(
		/^To find out which files \.klawignore names took more than 10 s, so it was not checkpointed; .* Use fewer/,
	);
});

it("a scan ends when nobody waits for it any more", async () => {
	const root = temporaryDirectory();
	plant(root, FILES);
	const stop = new AbortController();
	const ignores = () => {
		stop.abort(new Error("gone"));
		return false;
	};
	await expect(scan(root, ignores, { signal: stop.signal })).rejects.toThrow("gone");
});
