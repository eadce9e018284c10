import { describe, expect, it } from "vitest";
import { node } from "./test-pool.ts";
import { Topology } from "./topology.ts";

describe("places of nodes", () => {
	it("are kept for no more nodes than there are at once, however many there have been", () => {
		const topology = new Topology("kubernetes.io/hostname");
		const named = (name: string) => node(name, { labels: { "kubernetes.io/hostname": name } });
		topology.put(0, named("stays"));
		for (let each = 0; each < 1_000; each++) {
			topology.put(1, named(`comes-and-goes-${each}`));
			expect(topology.places[1]).not.toBe(topology.places[0]);
			topology.put(1, undefined);
		}
		expect(topology.size).toBe(2);
	});

	it("are the same for nodes with the same value, until the last of them has gone", () => {
		const topology = new Topology("zone");
		const inZone = (zone: string) => node("n", { labels: { zone } });
		for (const number of [0, 40]) topology.put(number, inZone("a"));
		topology.put(20, inZone("b"));
		expect(topology.places[0]).toBe(topology.places[40]);
		topology.put(0, undefined);
		topology.put(0, inZone("c"));
		const [c, b, a] = [0, 20, 40].map((number) => topology.places[number]);
		expect(new Set([a, b, c]).size).toBe(3);
		expect([...topology.sums(new Map([[40, 2]]))][a ?? -1]).toBe(2);
	});
});
