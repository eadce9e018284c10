/** What a deployment says of its pool of nodes: the variables `KLAW_CONTAINERS` and `KLAW_SCHEDULER`, JSON objects. */
import * as z from "zod";
import { type Capacity, taintSchema } from "../../containers/node/protocol.ts";
import { duration, parseDuration, parseQuantity, quantity } from "../../src/resources/quantity.ts";
import { DEFAULT_CONFIG } from "./scheduler/config.ts";
import type { SchedulerConfig } from "./scheduler/types.ts";

/** Containers that klaw may start. */
export interface ContainerSettings {
	/** How many may be there at once, those that are starting among them. */
	max: number;
	/** How many are kept although they are idle. */
	min: number;
	/** An idle container is stopped after this long, in milliseconds. */
	sleepAfterMs: number;
	/**
	 * One with files that are in no checkpoint is kept for so long after its last lease, in milliseconds; only for `sleepAfterMs`
	 * while the pool is full and somebody waits whom a fresh one would take.
	 */
	keepUnsavedForMs: number;
	/** What an instance offers. */
	capacity: Capacity;
	labels: Record<string, string>;
	taints: z.output<typeof taintSchema>[];
}

const instanceSchema = z.strictObject({
	cpu: z.union([z.number().positive(), quantity]).default(0.5),
	memory: quantity.default("4Gi"),
	"ephemeral-storage": quantity.default("8G"),
	slots: z.number().int().min(1).max(1000).default(16),
});

const containersSchema = z.strictObject({
	max: z.number().int().min(0).max(10_000).default(20),
	min: z.number().int().min(0).max(10_000).default(0),
	sleepAfter: duration.default("10m"),
	/** Absent: an hour, and never less than `sleepAfter`. */
	keepUnsavedFor: duration.optional(),
	/** Cloudflare's `standard-1`, unless it is said otherwise. */
	instance: instanceSchema.prefault({}),
	labels: z.record(z.string(), z.string()).default({}),
	taints: z.array(taintSchema).default([]),
});

const KEEP_UNSAVED_MS = 3_600_000;

/** Which resources count in the score, and how much each; absent: cpu and memory alike. */
const resources = z
	.array(z.strictObject({ name: z.enum(["cpu", "memory", "ephemeral-storage"]), weight: z.number().int().min(1).max(100) }))
	.min(1)
	.optional();

const weight = z.number().min(0).max(100).optional();
const schedulerSchema = z.strictObject({
	scoringStrategy: z
		.discriminatedUnion("type", [
			z.strictObject({ type: z.enum(["MostAllocated", "LeastAllocated"]), resources }),
			z.strictObject({
				type: z.literal("RequestedToCapacityRatio"),
				resources,
				shape: z
					.array(z.strictObject({ utilization: z.number().int().min(0).max(100), score: z.number().int().min(0).max(10) }))
					.min(1)
					.refine((shape) => shape.every(({ utilization }, at) => at === 0 || utilization > (shape[at - 1]?.utilization ?? 0)), {
						message: "utilization must increase from point to point",
					}),
			}),
		])
		.optional(),
	weights: z
		.strictObject({
			NodeResourcesFit: weight,
			NodeAffinity: weight,
			SessionAffinity: weight,
			PodTopologySpread: weight,
			TaintToleration: weight,
			WorkspaceLocality: weight,
		})
		.optional(),
});

/** @throws Error with a sentence that names the variable and what is wrong in it */
export function containerSettings(text: string | undefined): ContainerSettings | undefined {
	const given = parse("KLAW_CONTAINERS", containersSchema, text);
	if (!given) return undefined;
	const { max, min, sleepAfter, keepUnsavedFor, instance, labels, taints } = given;
	if (min > max) throw new Error(`KLAW_CONTAINERS asks for at least ${min} containers and at most ${max}. Make min no larger than max.`);
	const sleepAfterMs = parseDuration(sleepAfter);
	const keepUnsavedForMs = keepUnsavedFor === undefined ? Math.max(KEEP_UNSAVED_MS, sleepAfterMs) : parseDuration(keepUnsavedFor);
	if (keepUnsavedForMs < sleepAfterMs) {
		const says = `KLAW_CONTAINERS keeps an idle container for ${sleepAfter} (sleepAfter), and one with files that are in no checkpoint only for ${keepUnsavedFor} (keepUnsavedFor).`;
		throw new Error(`${says} Make keepUnsavedFor no shorter than sleepAfter.`);
	}
	const capacity = {
		cpu: typeof instance.cpu === "number" ? instance.cpu : parseQuantity(instance.cpu),
		memory: parseQuantity(instance.memory),
		ephemeralStorage: parseQuantity(instance["ephemeral-storage"]),
		slots: instance.slots,
	};
	return { max, min, sleepAfterMs, keepUnsavedForMs, capacity, labels, taints };
}

/** @throws Error with a sentence that names the variable and what is wrong in it */
export function schedulerConfig(text: string | undefined): SchedulerConfig {
	const given = parse("KLAW_SCHEDULER", schedulerSchema, text);
	const weights = Object.fromEntries(Object.entries(given?.weights ?? {}).filter(([, value]) => value !== undefined));
	return { scoringStrategy: given?.scoringStrategy ?? DEFAULT_CONFIG.scoringStrategy, weights: { ...DEFAULT_CONFIG.weights, ...weights } };
}

/** Of the deployment's environment. */
interface PoolVariables {
	KLAW_SCHEDULER?: string;
	KLAW_CONTAINERS?: string;
	/** Where containers are started; absent: this deployment has none. */
	CONTAINER?: unknown;
}

/** What is wrong is said, here and to those who wait, and the rest goes on without it. */
export function poolSettings({ KLAW_SCHEDULER, KLAW_CONTAINERS, CONTAINER }: PoolVariables): {
	scheduler: SchedulerConfig;
	containers?: ContainerSettings;
	problem?: string;
} {
	let scheduler = DEFAULT_CONFIG;
	try {
		scheduler = schedulerConfig(KLAW_SCHEDULER);
	} catch (error) {
		console.error(`${error instanceof Error ? error.message : error}\nNodes are scored as if it were not set.`);
	}
	if (!CONTAINER) return { scheduler };
	try {
		const containers = containerSettings(KLAW_CONTAINERS);
		return { scheduler, ...(containers && { containers }) };
	} catch (error) {
		const problem = error instanceof Error ? error.message : String(error);
		console.error(problem);
		return { scheduler, problem };
	}
}

function parse<S extends z.ZodType>(variable: string, schema: S, text: string | undefined): z.output<S> | undefined {
	if (text === undefined || text.trim() === "") return undefined;
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new Error(`The variable ${variable} is no JSON: ${error instanceof Error ? error.message : error}. Mend it.`);
	}
	const parsed = schema.safeParse(json);
	if (!parsed.success) throw new Error(`The variable ${variable} is wrong:\n${z.prettifyError(parsed.error)}`);
	return parsed.data;
}
