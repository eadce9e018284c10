import { describe, expect, it } from "vitest";
import { blobsToRewrite } from "./compaction.ts";
import type { Content } from "./workspace-index.ts";

const MIB = 2 ** 20;

function part(blob: string, offset: number, length: number): Content {
	return { hash: `${blob}${offset}`, blob, offset, length };
}

describe("blobs that are stored anew", () => {
	it.each<[string, Record<string, number>, Content[], string[]]>([
		["none that is used by half", { a: 4 * MIB }, [part("a", 0, 2 * MIB)], []],
		["one that is used by less, when that wastes enough", { a: 4 * MIB, b: 4 * MIB }, [part("a", 0, MIB), part("b", 0, 4 * MIB)], ["a"]],
		["none when little is wasted in all", { a: MIB, b: MIB / 2 }, [part("a", 0, MIB / 4), part("b", 0, MIB / 4)], []],
		["several that waste enough together", { a: MIB, b: MIB }, [part("a", 0, MIB / 4), part("b", 0, MIB / 4)], ["a", "b"]],
		["one of which two files share a small part", { a: 4 * MIB }, [part("a", 0, MIB), part("a", 0, MIB), part("a", 0, MIB)], ["a"]],
		["none that nothing is taken from any more", { a: 4 * MIB }, [], []],
	])("%s", (_, sizes, live, names) => {
		expect([...blobsToRewrite(new Map(Object.entries(sizes)), live)]).toEqual(names);
	});

	it("small ones, when there are many", () => {
		const small = (count: number) => Array.from({ length: count }, (_, index) => part(`s${index}`, 0, 100));
		const sizes = (live: Content[]) => new Map([...live.map(({ blob }) => [blob, 100] as const), ["large", MIB] as const]);
		const few = [...small(32), part("large", 0, MIB)];
		expect([...blobsToRewrite(sizes(few), few)]).toEqual([]);
		const many = [...small(33), part("large", 0, MIB)];
		expect(blobsToRewrite(sizes(many), many)).toEqual(new Set(small(33).map(({ blob }) => blob)));
	});
});
