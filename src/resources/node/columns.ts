import { ageColumn, NONE } from "../columns.ts";
import { conditionStatus } from "../conditions.ts";
import type { Column } from "../kind.ts";
import { parseQuantity } from "../quantity.ts";
import type { Resource } from "../resource.ts";
import type { NodeSpec, NodeStatus } from "./schema.ts";

type Node = Resource<NodeSpec, NodeStatus>;

const UNKNOWN = "<unknown>";
const ROLE_PREFIX = "node-role.kubernetes.io/";

/** Kubernetes' columns of nodes, and then klaw's own. */
export const NODE_COLUMNS: readonly Column<Node>[] = [
	{ name: "Status", type: "string", description: "Whether it answers, and takes sessions", cell: readiness },
	{ name: "Roles", type: "string", description: "Roles that its labels give it", cell: roles },
	ageColumn,
	{ name: "Version", type: "string", description: "Version of its runtime", cell: ({ status }) => status.nodeInfo.kubeletVersion },
	wide("Internal-IP", "Address within its network", (node) => address(node, "InternalIP")),
	wide("External-IP", "Address from outside", (node) => address(node, "ExternalIP")),
	wide("OS-Image", "Operating system", ({ status }) => status.nodeInfo.osImage ?? UNKNOWN),
	wide("Kernel-Version", "Version of the kernel", ({ status }) => status.nodeInfo.kernelVersion ?? UNKNOWN),
	wide("Container-Runtime", "What sessions are isolated with", ({ status }) => status.nodeInfo.containerRuntimeVersion ?? UNKNOWN),
	wide("OS-Arch", "Operating system and processor", ({ status: { nodeInfo } }) => `${nodeInfo.operatingSystem}-${nodeInfo.architecture}`),
	wide("CPU", "Cores that it offers", ({ status: { capacity } }) => capacity.cpu),
	wide("Memory", "Memory that it offers", ({ status: { capacity } }) => `${(parseQuantity(capacity.memory) / 2 ** 30).toFixed(1)}Gi`),
	wide("Slots", "Sessions at once", ({ status: { capacity } }) => capacity.pods),
	{ name: "Sessions", type: "integer", description: "Sessions that hold it", priority: 1, cell: ({ status }) => status.sessions.length },
];

function wide(name: string, description: string, cell: (node: Node) => string): Column<Node> {
	return { name, type: "string", description, priority: 1, cell };
}

function readiness({ spec, status }: Node): string {
	const ready = conditionStatus(status.conditions, "Ready") === "True" ? "Ready" : "NotReady";
	return spec.unschedulable ? `${ready},SchedulingDisabled` : ready;
}

/** `node-role.kubernetes.io/NAME` and `kubernetes.io/role=NAME`, as kubectl prints them. */
function roles({ metadata: { labels = {} } }: Node): string {
	const names = Object.keys(labels)
		.filter((key) => key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length)
		.map((key) => key.slice(ROLE_PREFIX.length));
	const role = labels["kubernetes.io/role"];
	if (role) names.push(role);
	return [...new Set(names)].sort().join(",") || NONE;
}

function address({ status }: Node, type: string): string {
	return status.addresses?.find((candidate) => candidate.type === type)?.address ?? NONE;
}
