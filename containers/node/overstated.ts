import { formatQuantity } from "../../src/resources/quantity.ts";
import type { Capacity } from "./protocol.ts";

/** What can be counted on a machine; how many sessions it takes at once is its owner's to say. */
const RESOURCES = { cpu: "cpu", memory: "memory", ephemeralStorage: "ephemeral-storage" } as const;

const MIB = 2 ** 20;

/**
 * The resources of which a node offers more than its machine has.
 *
 * @returns as `cpu=500 of 2, memory=90Ti of 24105Mi`; `""` for none
 */
export function overstated(offered: Partial<Capacity>, machine: Capacity): string {
	return Object.entries(RESOURCES)
		.flatMap(([key, name]) => {
			const [says, has] = [offered[key as keyof typeof RESOURCES], machine[key as keyof typeof RESOURCES]];
			return says === undefined || has === undefined || says <= has ? [] : [`${name}=${quantity(name, says)} of ${quantity(name, has)}`];
		})
		.join(", ");
}

function quantity(name: string, value: number): string {
	return name === "cpu" ? formatQuantity(value) : formatQuantity(Math.floor(value / MIB) * MIB, "binary");
}
