import { derivedUid } from "../digest.ts";
import type { OwnerReference, Resource } from "../resource.ts";
import type { Session, SessionPlacement } from "../session/kind.ts";
import { podPlacement, qosClass } from "./placement.ts";
import { GRACE_PERIOD_SECONDS, type PodSpec, type PodStatus } from "./schema.ts";

export type Pod = Resource<PodSpec, PodStatus>;

/** The one container of a pod. */
export const CONTAINER = "agent";

/** The volume of a pod whose files are on its node and nowhere else. */
const WORKSPACE = "workspace";

/** Labels that a pod has beside those of its session. */
export const AGENT_LABEL = "klaw.sh/agent";
export const SESSION_LABEL = "klaw.sh/session";
/** Annotation of a pod: the uid of its session, which stays the same on every node. */
export const SESSION_UID = "klaw.sh/session-uid";

/**
 * A session as the pod that `kubectl logs`, `exec`, `top` and `drain` know: same name and version. On another node it is
 * another pod: `drain` waits until an evicted pod is gone or has another uid.
 */
export function podOf(session: Session): Pod {
	const { metadata, spec, status } = session;
	const { placement, workspaceNode } = status;
	// Files that are nowhere else keep it where it is, so that whoever empties that node meets it.
	const node = status.node ?? workspaceNode;
	const agent = spec.agent ?? "";
	const owner = agent === "" ? undefined : ownerOf(session, agent);
	// kubectl refuses to exec into a pod that has ended, and into a session one can look long after its task is over.
	// A session keeps no node while it is idle and takes one at once when it needs it, so only waiting in vain is pending.
	const pending = status.phase === "Waiting" && status.node === undefined;
	const ready = !pending;
	const reason = pending ? "Unschedulable" : undefined;
	const image = `klaw.sh/agents/${agent}`;
	const since = metadata.creationTimestamp;
	const condition = (type: string, holds: boolean) => ({
		type,
		status: holds ? ("True" as const) : ("False" as const),
		reason: holds ? "" : (reason ?? ""),
		message: holds ? "" : (status.waitingFor ?? ""),
		lastTransitionTime: since,
	});
	const { generateName: _, managedFields: __, ...shared } = metadata;
	return {
		apiVersion: "v1",
		kind: "Pod",
		metadata: {
			...shared,
			uid: node === undefined ? metadata.uid : derivedUid(metadata.uid, node),
			annotations: { ...metadata.annotations, [SESSION_UID]: metadata.uid },
			labels: { ...metadata.labels, [AGENT_LABEL]: agent, [SESSION_LABEL]: metadata.name },
			...(owner && { ownerReferences: [owner] }),
			...(metadata.deletionTimestamp !== undefined && { deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds ?? 0 }),
		},
		spec: {
			...(node !== undefined && { nodeName: node }),
			restartPolicy: "Always",
			terminationGracePeriodSeconds: GRACE_PERIOD_SECONDS,
			...(placement && podPlacement(placement)),
			// `kubectl drain` deletes no such volume unless it is told to.
			...(workspaceNode !== undefined && { volumes: [{ name: WORKSPACE, emptyDir: {} }] }),
			// Where only its files are, it holds nothing: what the pods of a node ask for is what their leases hold.
			containers: [{ name: CONTAINER, image, resources: node === status.node ? resourcesOf(placement) : {} }],
		},
		status: {
			phase: pending ? "Pending" : "Running",
			...(pending && { reason: "Unschedulable" }),
			...(pending && status.waitingFor !== undefined && { message: status.waitingFor }),
			startTime: since,
			qosClass: placement ? qosClass(placement) : "Burstable",
			conditions: [
				condition("PodScheduled", !pending),
				condition("Initialized", true),
				condition("ContainersReady", ready),
				condition("Ready", ready),
			],
			containerStatuses: [
				{
					name: CONTAINER,
					image,
					imageID: "",
					ready,
					restartCount: 0,
					started: ready,
					state: pending ? waitingState(status.waitingFor) : runningState(session),
				},
			],
		},
	};
}

/** Of a session that was not looked up with its agent nothing is known. */
function resourcesOf(placement: SessionPlacement | undefined): PodSpec["containers"][number]["resources"] {
	return placement ? { requests: placement.requests, ...(placement.limits && { limits: placement.limits }) } : {};
}

function waitingState(message: string | undefined) {
	return { waiting: { reason: "Unschedulable", ...(message !== undefined && { message }) } };
}

function runningState({ metadata, status }: Session) {
	return { running: { startedAt: wholeSeconds(status.lastRun?.startTime) ?? metadata.creationTimestamp } };
}

function wholeSeconds(time: string | undefined): string | undefined {
	return time?.replace(/\.\d+Z$/, "Z");
}

/**
 * `kubectl drain` evicts only pods that have a controller, so every pod names its agent as one. The session itself is
 * owned by nobody, because it outlives a change of its agent.
 */
function ownerOf({ metadata, status }: Session, agent: string): OwnerReference {
	const known = metadata.ownerReferences?.find(({ kind, name }) => kind === "Agent" && name === agent);
	return { apiVersion: "klaw.sh/v1", kind: "Agent", name: agent, uid: known?.uid ?? status.agentUid ?? "", controller: true };
}

/** Whoever evicts the pod gives up files that are nowhere else. */
export function hasLocalStorage({ spec }: Pick<Pod, "spec">): boolean {
	return spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined) ?? false;
}
