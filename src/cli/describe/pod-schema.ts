import * as z from "zod";
import { textList, textMap } from "./fields.ts";

const resources = z.looseObject({ requests: textMap, limits: textMap }).nullish();
const containerState = z
	.looseObject({
		running: z.looseObject({ startedAt: z.string().nullish() }).nullish(),
		waiting: z.looseObject({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
		terminated: z
			.looseObject({
				reason: z.string().nullish(),
				message: z.string().nullish(),
				exitCode: z.number(),
				startedAt: z.string().nullish(),
				finishedAt: z.string().nullish(),
			})
			.nullish(),
	})
	.nullish();

const containerSchema = z.looseObject({
	name: z.string(),
	image: z.string().nullish(),
	command: textList,
	args: textList,
	resources,
	env: z.array(z.looseObject({ name: z.string(), value: z.string().nullish() })).nullish(),
	ports: z.array(z.looseObject({ containerPort: z.number(), hostPort: z.number().nullish(), protocol: z.string().nullish() })).nullish(),
	volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().nullish() })).nullish(),
});
export type Container = z.infer<typeof containerSchema>;

const containerStatusSchema = z.looseObject({
	name: z.string(),
	containerID: z.string().nullish(),
	imageID: z.string().nullish(),
	ready: z.boolean(),
	restartCount: z.number(),
	state: containerState,
	lastState: containerState,
});
export type ContainerStatus = z.infer<typeof containerStatusSchema>;
export type ContainerState = z.infer<typeof containerState>;

/** What of a Pod its description shows. */
export const podSchema = z.looseObject({
	metadata: z.looseObject({
		name: z.string(),
		namespace: z.string().nullish(),
		creationTimestamp: z.string().nullish(),
		deletionTimestamp: z.string().nullish(),
		deletionGracePeriodSeconds: z.number().nullish(),
		labels: z.record(z.string(), z.string()).optional(),
		annotations: z.record(z.string(), z.string()).optional(),
		ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() })).nullish(),
	}),
	spec: z.looseObject({
		nodeName: z.string().nullish(),
		serviceAccountName: z.string().nullish(),
		priority: z.number().nullish(),
		priorityClassName: z.string().nullish(),
		nodeSelector: z.record(z.string(), z.string()).optional(),
		tolerations: z
			.array(
				z.looseObject({
					key: z.string().nullish(),
					operator: z.string().nullish(),
					value: z.string().nullish(),
					effect: z.string().nullish(),
					tolerationSeconds: z.number().nullish(),
				}),
			)
			.nullish(),
		containers: z.array(containerSchema).default([]),
		volumes: z
			.array(
				z.looseObject({
					name: z.string(),
					emptyDir: z.looseObject({ medium: z.string().nullish(), sizeLimit: z.string().nullish() }).nullish(),
				}),
			)
			.nullish(),
	}),
	status: z
		.looseObject({
			phase: z.string().nullish(),
			reason: z.string().nullish(),
			message: z.string().nullish(),
			startTime: z.string().nullish(),
			hostIP: z.string().nullish(),
			podIP: z.string().nullish(),
			podIPs: z.array(z.looseObject({ ip: z.string() })).nullish(),
			qosClass: z.string().nullish(),
			conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
			containerStatuses: z.array(containerStatusSchema).nullish(),
		})
		.default({}),
});
export type Pod = z.infer<typeof podSchema>;
