import type { Agent } from "../../src/resources/agent/kind.ts";
import type { AgentRevision } from "../../src/resources/agentrevision/kind.ts";
import type { ResourceStore } from "../store/resource-store.ts";
import type { View } from "./decision.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Tasks of a session that are not over, as the index `open_tasks_by_session` finds them. */
const OPEN_TASKS = "json_extract(json, '$.status.phase') IN ('Pending', 'Running') AND json_extract(json, '$.status.session') = ?";
const READS_CONFIG_MAP = "json_extract(json, '$.spec.instructions.configMapRef.name') = ?";
/** Revisions that one agent can have at most: the highest `revisionHistoryLimit`, and the current one. */
const REVISIONS = 1_001;

/** What decisions see of the stored namespace. */
export function viewOf(
	namespace: string,
	store: ResourceStore,
	queue: WorkQueue,
	priorityClasses: View["priorityClasses"] = () => undefined,
): View {
	return {
		namespace,
		agent: (name) => store.get("agents", name),
		agentNames: (limit) => store.names("agents", limit),
		revisions: (uid) =>
			store.dependents(uid, REVISIONS).flatMap(({ plural, name }) => {
				const revision = plural === "agentrevisions" ? store.get<AgentRevision>(plural, name) : undefined;
				return revision ? [revision] : [];
			}),
		revision: (agent, digest) => store.get("agentrevisions", `${agent}-${digest}`),
		priorityClasses,
		session: (name) => store.get("sessions", name),
		task: (name) => store.get("tasks", name),
		configMap: (name) => store.get("configmaps", name),
		openTasks: (session) => store.where("tasks", OPEN_TASKS, session),
		unsent: (session, taskUid) => queue.unsent(session, taskUid),
		leaving: (session) => queue.leaving(session),
	};
}

/** The agents whose instructions are in a ConfigMap, as the index `agents_by_config_map` finds them. */
export function agentsReading(store: Pick<ResourceStore, "where">, configMap: string): Agent[] {
	return store.where("agents", READS_CONFIG_MAP, configMap);
}
