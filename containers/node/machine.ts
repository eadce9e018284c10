import { availableParallelism, totalmem } from "node:os";
import type { Capacity } from "./protocol.ts";

/** What this machine offers unless it is told otherwise. */
export function machineCapacity(): Capacity {
	return { cpu: availableParallelism(), memory: totalmem(), slots: 16 };
}
