import { oneFileChange } from "./checkpoint/one-file-change.ts";
import { restoreWorkspace } from "./checkpoint/restore-workspace.ts";
import type { Part } from "./part.ts";
import { apiAdmission } from "./parts/api-admission.ts";
import { apiLatency } from "./parts/api-latency.ts";
import { apiLists } from "./parts/api-lists.ts";
import { apiWatch } from "./parts/api-watch.ts";
import { apiWrites } from "./parts/api-writes.ts";
import { bareLoop } from "./parts/bare-loop.ts";
import { bashSteps } from "./parts/bash-steps.ts";
import { bundle } from "./parts/bundle.ts";
import { containerCalls } from "./parts/container-calls.ts";
import { journalGrowth } from "./parts/journal-growth.ts";
import { leases } from "./parts/leases.ts";
import { manySessions } from "./parts/many-sessions.ts";
import { recovery } from "./parts/recovery.ts";
import { scheduler } from "./parts/scheduler.ts";
import { startUp } from "./parts/start-up.ts";
import { steps } from "./parts/steps.ts";
import { twentyRuns } from "./parts/twenty-runs.ts";
import { wake } from "./parts/wake.ts";

/** Everything that is measured, in the order of the table. */
export const PARTS: readonly Part[] = [
	{ name: "bare", measure: bareLoop },
	{ name: "steps", measure: steps },
	{ name: "parallel", measure: twentyRuns },
	{ name: "bash", measure: bashSteps },
	{ name: "wake", measure: wake },
	{ name: "recovery", measure: recovery },
	{ name: "journal", measure: journalGrowth },
	{ name: "sessions", measure: manySessions },
	{ name: "api", measure: apiLatency },
	{ name: "admission", measure: apiAdmission },
	{ name: "lists", measure: apiLists },
	{ name: "watch", measure: apiWatch },
	{ name: "writes", measure: apiWrites },
	{ name: "leases", measure: leases },
	{ name: "checkpoint", measure: oneFileChange },
	{ name: "restore", measure: restoreWorkspace },
	{ name: "scheduler", measure: scheduler },
	{ name: "containers", measure: containerCalls },
	{ name: "bundle", measure: bundle },
	{ name: "start", measure: startUp },
];
