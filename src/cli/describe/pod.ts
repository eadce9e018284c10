import type { Describe } from "./describer.ts";
import { Description } from "./description.ts";
import { describeEvents } from "./events.ts";
import { longDate } from "./fields.ts";
import { describeAnnotations, describeLabels, pairs } from "./metadata.ts";
import { describeContainer } from "./pod-container.ts";
import { type Pod, podSchema } from "./pod-schema.ts";

export const describePod: Describe = (object, { events, now }) => {
	const pod = podSchema.parse(object);
	const { metadata, spec, status } = pod;
	const text = new Description();
	describeHead(text, pod);
	text.line(0, "IP:", status.podIP ?? "");
	if (status.podIPs?.length) {
		text.line(0, "IPs:");
		for (const { ip } of status.podIPs) text.line(1, "IP:", ip);
	} else text.line(0, "IPs:", "<none>");
	const owner = metadata.ownerReferences?.find(({ controller }) => controller);
	if (owner) text.line(0, "Controlled By:", `${owner.kind}/${owner.name}`);
	text.line(0, "Containers:");
	for (const container of spec.containers)
		describeContainer(
			text,
			container,
			status.containerStatuses?.find(({ name }) => name === container.name),
		);
	if (status.conditions?.length) {
		text.line(0, "Conditions:");
		// kubectl has no rule below the head, and a space behind each value.
		text.line(1, "Type", "Status");
		for (const condition of status.conditions) text.line(1, `${condition.type} `, `${condition.status} `);
	}
	if (spec.volumes?.length) {
		text.line(0, "Volumes:");
		for (const { name, emptyDir } of spec.volumes) {
			text.line(1, `${name}:`);
			if (!emptyDir) continue;
			text.line(2, "Type:", "EmptyDir (a temporary directory that shares a pod's lifetime)");
			text.line(2, "Medium:", emptyDir.medium ?? "");
			text.line(2, "SizeLimit:", emptyDir.sizeLimit ?? "<unset>");
		}
	} else text.line(0, "Volumes:", "<none>");
	text.line(0, "QoS Class:", status.qosClass ?? qosOf(pod));
	text.list(0, "Node-Selectors", pairs(spec.nodeSelector, "="));
	text.list(0, "Tolerations", (spec.tolerations ?? []).map(tolerationText).sort());
	describeEvents(text, events, now);
	return text.toString();
};

function describeHead(text: Description, { metadata, spec, status }: Pod): void {
	text.line(0, "Name:", metadata.name);
	text.line(0, "Namespace:", metadata.namespace ?? "");
	if (spec.priority !== undefined && spec.priority !== null) text.line(0, "Priority:", String(spec.priority));
	if (spec.priorityClassName) text.line(0, "Priority Class Name:", spec.priorityClassName);
	if (spec.serviceAccountName) text.line(0, "Service Account:", spec.serviceAccountName);
	text.line(0, "Node:", spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ""}` : "<none>");
	if (status.startTime) text.line(0, "Start Time:", longDate(status.startTime));
	describeLabels(text, metadata.labels);
	describeAnnotations(text, metadata.annotations);
	if (metadata.deletionTimestamp) {
		text.line(0, "Status:", `Terminating (since ${longDate(metadata.deletionTimestamp)})`);
		if (typeof metadata.deletionGracePeriodSeconds === "number")
			text.line(0, "Termination Grace Period:", `${metadata.deletionGracePeriodSeconds}s`);
	} else text.line(0, "Status:", status.phase ?? "");
	if (status.reason) text.line(0, "Reason:", status.reason);
	if (status.message) text.line(0, "Message:", status.message);
}

/** For a server that does not say. */
function qosOf({ spec }: Pod): string {
	const asks = spec.containers.some(({ resources }) => Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0);
	return asks ? "Burstable" : "BestEffort";
}

type Toleration = NonNullable<Pod["spec"]["tolerations"]>[number];

function tolerationText({ key, value, effect, operator, tolerationSeconds }: Toleration): string {
	const what = `${key ?? ""}${value ? `=${value}` : ""}${effect ? `:${effect}` : ""}`;
	const how = operator === "Exists" && !value ? `${what === "" || effect || key ? " " : ""}op=Exists` : "";
	return `${what}${how}${typeof tolerationSeconds === "number" ? ` for ${tolerationSeconds}s` : ""}`;
}
