import * as z from "zod";
import { BASH_TIMEOUT_MAX_S } from "../../tools/bash.ts";
import { affinitySchema, tolerationSchema } from "../agent/affinity.ts";
import { topologySpreadSchema } from "../agent/topology-spread.ts";
import { conditionsSchema } from "../conditions.ts";

const amounts = z.record(z.string(), z.string());
const ATOMIC = { "x-kubernetes-list-type": "atomic" };

const BY_NAME = {
	"x-kubernetes-list-type": "map",
	"x-kubernetes-list-map-keys": ["name"],
	"x-kubernetes-patch-strategy": "merge",
	"x-kubernetes-patch-merge-key": "name",
};

/**
 * Whoever is evicted goes when the call that it runs is through, and none takes longer than this. An eviction may ask for
 * less; a pod that is deleted stops at once.
 */
export const GRACE_PERIOD_SECONDS = BASH_TIMEOUT_MAX_S;

const podRules = z.looseObject({});

export const podSpecSchema = z.object({
	nodeName: z.string().optional().describe("The node that the session holds, or that alone has its files"),
	serviceAccountName: z.string().optional().describe("ServiceAccount that it acts as"),
	restartPolicy: z.string().describe("Always: a run is driven on after any failure"),
	terminationGracePeriodSeconds: z
		.number()
		.int()
		.optional()
		.describe("Seconds that the call it runs may still take when it is evicted: as long as the longest call"),
	priority: z.number().int().optional().describe("Who has more goes first, and may take the place of who has less"),
	priorityClassName: z.string().optional().describe("Its PriorityClass, or the default one"),
	preemptionPolicy: z.string().optional().describe("Whether pods of less priority are asked to leave for it"),
	nodeSelector: z.record(z.string(), z.string()).optional().describe("Labels that a node must have"),
	affinity: z
		.object({
			nodeAffinity: affinitySchema.shape.nodeAffinity,
			podAffinity: podRules.optional().describe("Pods to be near to"),
			podAntiAffinity: podRules.optional().describe("Pods to keep away from"),
		})
		.optional()
		.describe("Which nodes and whose company it needs or prefers"),
	tolerations: z.array(tolerationSchema).meta(ATOMIC).optional().describe("Taints of nodes that it bears"),
	topologySpreadConstraints: z.array(topologySpreadSchema).meta(ATOMIC).optional().describe("How it is spread with others"),
	volumes: z
		.array(
			z.object({
				name: z.string().describe("workspace"),
				emptyDir: z.object({}).optional().describe("Files that are on this node and nowhere else"),
			}),
		)
		.meta(BY_NAME)
		.optional()
		.describe("The workspace, while it is in no checkpoint: who evicts the pod gives it up"),
	containers: z
		.array(
			z.object({
				name: z.string().describe("agent"),
				image: z.string().describe("The agent, as klaw.sh/agents/NAME"),
				resources: z
					.object({ requests: amounts.optional().describe("What it needs"), limits: amounts.optional().describe("What it may use") })
					.describe("Computing resources"),
			}),
		)
		.meta(BY_NAME)
		.describe("One container, agent"),
});
export type PodSpec = z.output<typeof podSpecSchema>;

export const podStatusSchema = z.object({
	phase: z.enum(["Pending", "Running"]).describe("Pending while the session waits for a node, else Running"),
	reason: z.string().optional().describe("Why it is pending, in one CamelCase word"),
	message: z.string().optional().describe("Why it is pending, in a sentence"),
	startTime: z.string().optional().describe("When the session was made"),
	qosClass: z.string().describe("Burstable, or Guaranteed when its limits are its requests"),
	conditions: conditionsSchema,
	containerStatuses: z
		.array(
			z.object({
				name: z.string().describe("agent"),
				image: z.string().describe("The agent"),
				imageID: z.string().describe("Empty: there is no image"),
				ready: z.boolean().describe("Whether it takes messages"),
				restartCount: z.number().int().describe("Always 0: sessions are resumed, not restarted"),
				started: z.boolean().describe("Whether it has begun"),
				state: z
					.object({
						running: z
							.object({ startedAt: z.string().describe("When it began") })
							.optional()
							.describe("It runs, or could at once"),
						waiting: z
							.object({ reason: z.string().describe("Why, in one word"), message: z.string().optional().describe("Why, in a sentence") })
							.optional()
							.describe("It waits for a node"),
					})
					.describe("What it is doing"),
			}),
		)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.describe("How the container stands"),
});
export type PodStatus = z.output<typeof podStatusSchema>;
