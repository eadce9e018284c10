import type { LeaseRequest } from "../../ports.ts";

/** Cores are counted in millionths, so that sums of tenths are exact and never drift. */
export const CPU_UNIT = 1_000_000;

/** What a session takes of a node, in whole units. */
export interface Amount {
	/** Millionths of a core. */
	cpu: number;
	/** Bytes. */
	memory: number;
	storage: number;
}

export function amountOf({ requests }: Pick<LeaseRequest, "requests">): Amount {
	return { cpu: Math.round(requests.cpu * CPU_UNIT), memory: requests.memory, storage: requests.ephemeralStorage ?? 0 };
}
