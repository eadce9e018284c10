import type { ReadText } from "../cgroup-limits.ts";
import type { UnixUser } from "../sandbox/sandbox.ts";
import { workspaceProcesses } from "./processes.ts";
import type { NodeStats } from "./protocol.ts";
import { type StatsScope, useOf } from "./scope.ts";
import { type Sample, usageBetween } from "./usage.ts";

export interface StatsOptions {
	/** Real path. */
	dataDir: string;
	/** The users of sessions by the names of their workspaces, where they have users. */
	owners?(): ReadonlyMap<string, UnixUser>;
	/** What counts as used by the node. */
	scope: StatsScope;
	/** Reads the kernel's files. */
	read: ReadText;
	/** Milliseconds since the epoch. */
	now(): number;
	sampleMs: number;
}

/** What the node uses, averaged over at least the time between two samples. */
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

function takeSample({ dataDir, owners, scope, read, now }: StatsOptions): Sample {
	return {
		at: now(),
		of: scope === "processes" ? "runtime" : "node",
		...useOf(scope, read),
		processes: workspaceProcesses(dataDir, owners?.()),
	};
}
