import { agentKind } from "./agent/kind.ts";
import { agentRevisionKind } from "./agentrevision/kind.ts";
import { agentRouteKind } from "./agentroute/kind.ts";
import { channelKind } from "./channel/kind.ts";
import { clusterKind } from "./cluster/kind.ts";
import { clusterRoleKind } from "./clusterrole/kind.ts";
import { clusterRoleBindingKind } from "./clusterrolebinding/kind.ts";
import { configMapKind } from "./configmap/kind.ts";
import { cronTaskKind } from "./crontask/kind.ts";
import { eventKind } from "./event/kind.ts";
import { eventsEventKind } from "./events-event/kind.ts";
import type { KindDefinition } from "./kind.ts";
import { leaseKind } from "./lease/kind.ts";
import { limitRangeKind } from "./limitrange/kind.ts";
import { modelRouteKind } from "./modelroute/kind.ts";
import { namespaceKind } from "./namespace/kind.ts";
import { nodeKind } from "./node/kind.ts";
import { podKind } from "./pod/kind.ts";
import { priorityClassKind } from "./priorityclass/kind.ts";
import { resourceQuotaKind } from "./resourcequota/kind.ts";
import { roleKind } from "./role/kind.ts";
import { roleBindingKind } from "./rolebinding/kind.ts";
import { secretKind } from "./secret/kind.ts";
import { serviceAccountKind } from "./serviceaccount/kind.ts";
import { sessionKind } from "./session/kind.ts";
import { skillKind } from "./skill/kind.ts";
import { taskKind } from "./task/kind.ts";
import { localSubjectAccessReviewKind, selfSubjectAccessReviewKind, subjectAccessReviewKind } from "./virtual/access-reviews.ts";
import { auditRecordKind } from "./virtual/audit-record.ts";
import { checkpointKind } from "./virtual/checkpoint.ts";
import { evictionKind } from "./virtual/eviction.ts";
import { nodeMetricsKind, podMetricsKind } from "./virtual/metrics.ts";
import { nodeJoinTokenKind } from "./virtual/node-join-token.ts";
import { placementReviewKind } from "./virtual/placement-review.ts";
import { selfSubjectRulesReviewKind } from "./virtual/rules-review.ts";
import { selfSubjectReviewKind } from "./virtual/self-subject-review.ts";
import { tokenRequestKind } from "./virtual/token-request.ts";

/** Every kind that is stored, and every one that is another kind seen differently. */
export const KINDS: readonly KindDefinition[] = [
	configMapKind,
	eventKind,
	limitRangeKind,
	namespaceKind,
	nodeKind,
	podKind,
	resourceQuotaKind,
	secretKind,
	serviceAccountKind,
	agentKind,
	agentRevisionKind,
	agentRouteKind,
	channelKind,
	clusterKind,
	cronTaskKind,
	modelRouteKind,
	sessionKind,
	skillKind,
	taskKind,
	roleKind,
	roleBindingKind,
	clusterRoleKind,
	clusterRoleBindingKind,
	priorityClassKind,
	eventsEventKind,
];

/**
 * Kinds without stored objects: questions, measurements and records, each answered by its own code. One without verbs is
 * only the body of another kind's subresource.
 */
export const VIRTUAL_KINDS: readonly KindDefinition[] = [
	selfSubjectReviewKind,
	tokenRequestKind,
	localSubjectAccessReviewKind,
	selfSubjectAccessReviewKind,
	selfSubjectRulesReviewKind,
	subjectAccessReviewKind,
	evictionKind,
	nodeMetricsKind,
	podMetricsKind,
	auditRecordKind,
	checkpointKind,
	leaseKind,
	nodeJoinTokenKind,
	placementReviewKind,
];

/** Everything that discovery and OpenAPI show. */
export const ALL_KINDS: readonly KindDefinition[] = [...KINDS, ...VIRTUAL_KINDS];

const byResource = new Map(ALL_KINDS.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));

/** A kind by what stands in URLs. Bodies of subresources are no resources, and not found. */
export function findKind(group: string, version: string, plural: string): KindDefinition | undefined {
	const kind = byResource.get(`${group}/${version}/${plural}`);
	return kind && kind.verbs.length > 0 ? kind : undefined;
}
