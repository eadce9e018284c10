import { cpus, freemem, totalmem } from "node:os";
import type { UnixUser } from "../sandbox/sandbox.ts";
import { workspaceProcesses } from "./processes.ts";
import type { NodeStats } from "./protocol.ts";
import { type Sample, usageBetween } from "./usage.ts";

export interface StatsOptions {
	/** Real path. */
	dataDir: string;
	/** The users of sessions by the names of their workspaces, where they have users. */
	owners?(): ReadonlyMap<string, UnixUser>;
	/** Milliseconds since the epoch. */
	now(): number;
	sampleMs: number;
}

/** What the machine uses, averaged over at least the time between two samples. */
export class Stats {
	readonly #options: StatsOptions;
	readonly #timer: NodeJS.Timeout;
	/** The last two, the older first. */
	#samples: [Sample, Sample];

	constructor(options: StatsOptions) {
		this.#options = options;
		const first = takeSample(options);
		this.#samples = [first, first];
		this.#timer = setInterval(() => {
			this.#samples = [this.#samples[1], takeSample(options)];
		}, options.sampleMs);
		this.#timer.unref();
	}

	report(): NodeStats {
		return usageBetween(this.#samples[0], takeSample(this.#options));
	}

	close(): void {
		clearInterval(this.#timer);
	}
}

function takeSample({ dataDir, owners, now }: StatsOptions): Sample {
	const busyMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
	const free = process.availableMemory?.() ?? freemem();
	return {
		at: now(),
		busySeconds: busyMs / 1000,
		memory: Math.max(0, totalmem() - free),
		processes: workspaceProcesses(dataDir, owners?.()),
	};
}
