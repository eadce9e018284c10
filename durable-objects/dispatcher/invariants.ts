import { type Episode, episodes, type Violation } from "./episodes.ts";
import type { Ledger, StoredLease, StoredNode } from "./ledger.ts";
import type { Pool } from "./pool.ts";
import { isStarting, startingSince } from "./starting.ts";

/** A call of a tool takes an hour at most; a lease that is wanted back for longer is held by something else. */
const RECALL_MS = 3_900_000;
/** Three starts with their pauses are over before this. */
const START_MS = 600_000;

export interface InvariantsPorts {
	ledger: Ledger;
	pool: Pool;
	now(): number;
	/** Told of each violation when it begins and when it is over, one JSON object a line. */
	report(line: string): void;
}

/** Looks whether what should always hold does. What it finds is a fault of klaw or of the platform, for people to look at. */
export class Invariants {
	readonly #ports: InvariantsPorts;

	constructor(ports: InvariantsPorts) {
		this.#ports = ports;
	}

	/** Violations that are going on. */
	open(): Episode[] {
		return this.#ports.ledger.fact<Episode[]>(EPISODES) ?? [];
	}

	look(): void {
		const { ledger, pool, now, report } = this.#ports;
		const known = this.open();
		const { open, reports } = episodes(known, violations(pool, now()), now());
		if (reports.length === 0) return;
		ledger.putFact(EPISODES, open.length === 0 ? undefined : open);
		for (const { key, message, phase, since, at } of reports)
			report(JSON.stringify({ level: phase === "began" ? "error" : "info", invariant: key, phase, message, since, at }));
	}
}

const EPISODES = "invariants.open";

function violations(pool: Pool, now: number): Violation[] {
	const nodes = [...pool.ledger.nodes()].flatMap((node) => [...overCommitted(pool, node), ...startsForEver(node, now)]);
	const leases = [...pool.ledger.leases()].flatMap((lease) => [...nowhere(pool, lease), ...heldBack(lease, now)]);
	return [...nodes, ...leases];
}

/** It may be so for a while, when a machine comes back with less than it had. */
function overCommitted(pool: Pool, { name, capacity }: StoredNode): Violation[] {
	const { cpu, memory, ephemeralStorage, slots } = pool.scheduler.allocated(name);
	const { ephemeralStorage: disk = Number.POSITIVE_INFINITY } = capacity;
	const over = cpu > capacity.cpu + 1e-6 || memory > capacity.memory || ephemeralStorage > disk || slots > capacity.slots;
	if (!over) return [];
	// A machine that does not say how large its disk is promises none of it.
	const stored = Number.isFinite(disk) ? `, ${ephemeralStorage} of ${disk} bytes of ephemeral storage` : "";
	const message = `Node ${name} is over-committed: ${cpu} of ${capacity.cpu} cores, ${memory} of ${capacity.memory} bytes${stored}, ${slots} of ${capacity.slots} slots.`;
	return [{ key: `over-committed/${name}`, message }];
}

function startsForEver(node: StoredNode, now: number): Violation[] {
	if (!isStarting(node) || now - startingSince(node) < START_MS) return [];
	const { name } = node;
	return [{ key: `starting/${name}`, message: `The container ${name} has been starting for more than ${START_MS / 60_000} minutes.` }];
}

function nowhere(pool: Pool, { session, node, incarnation }: StoredLease): Violation[] {
	const known = pool.ledger.node(node);
	if (known?.incarnation === incarnation) return [];
	return [
		{
			key: `lease-nowhere/${session}`,
			message: `Session ${session} has a lease on node ${node}, incarnation ${incarnation}, which is no more.`,
		},
	];
}

function heldBack({ session, node, recall }: StoredLease, now: number): Violation[] {
	if (!recall || now - recall.at < RECALL_MS) return [];
	return [
		{
			key: `not-given-back/${session}`,
			message: `Session ${session} has not given node ${node} back, which it was asked to: ${recall.reason}.`,
		},
	];
}
