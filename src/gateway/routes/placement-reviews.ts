import { Hono } from "hono";
import { namespaceObjectName } from "../../../durable-objects/names.ts";
import type { Reviewed } from "../../../durable-objects/namespace/placement-review.ts";
import type { LeaseRequest } from "../../../durable-objects/ports.ts";
import { leaseRequest } from "../../../durable-objects/session/lease-request.ts";
import { callTwice } from "../../api/call.ts";
import { placementStatus } from "../../api/pods/placement-status.ts";
import { type Answer, ApiError, failure, unwrap } from "../../api/status.ts";
import type { Env } from "../../env.ts";
import { checkNamespace } from "../../resources/admit.ts";
import { apiVersionOf } from "../../resources/kind.ts";
import { type PlacementReviewSpec, placementReviewKind } from "../../resources/virtual/placement-review.ts";
import { asOne, sendData } from "../answers/send.ts";
import { authorize } from "../authorization.ts";
import { requireBody } from "../body.ts";
import type { GatewayEnv } from "../context.ts";
import { askDispatcher } from "../objects.ts";
import { reached } from "../reached.ts";
import { answered, readReview } from "../review.ts";

/** Questions about where sessions are placed and why, answered and never stored. */
export const placementReviews = new Hono<GatewayEnv>();

const { group, plural } = placementReviewKind;

interface ReviewStub {
	reviewPlacement(spec: PlacementReviewSpec): Promise<Answer<Reviewed>>;
}

placementReviews.post(`/apis/${apiVersionOf(placementReviewKind)}/namespaces/:namespace/${plural}`, async (c) => {
	const namespace = c.req.param("namespace");
	checkNamespace(namespace);
	await authorize(c, { verb: "create", group, resource: plural, namespace, name: "" });
	const how = asOne(c);
	const { spec } = readReview(placementReviewKind, await requireBody(c), namespace);
	const cluster = c.get("cluster");
	const stub = (): ReviewStub => c.env.NAMESPACE.getByName(namespaceObjectName(namespace, cluster));
	const ask = (owner: ReviewStub) => owner.reviewPlacement(spec);
	const found = unwrap(await reached(`Namespace ${namespace}`, () => callTwice(stub, ask)));
	const status = await decisionAbout(c.env, cluster, namespace, found);
	return sendData(c, answered(placementReviewKind, { spec, status }), how, 201);
});

/** The decision that was made about a session; where there is none, the one that would be made now. */
async function decisionAbout(env: Env, cluster: string, namespace: string, { session, agent }: Reviewed) {
	const made = session && (await askDispatcher(env, cluster, (stub) => stub.decision(`${namespace}/${session.name}`)));
	if (made) return placementStatus(made, namespace, true);
	if (!agent) throw new ApiError(failure("NotFound", `Session "${session?.name}" has never asked for a node, and its agent is gone.`));
	// A session that is only thought of has no name that another could have.
	const identity = session ?? { namespace, name: "", uid: "" };
	const request: LeaseRequest = leaseRequest(identity, { workspace: undefined, uncheckpointed: false }, agent);
	return placementStatus(await askDispatcher(env, cluster, (stub) => stub.whatIf(request)), namespace, false);
}
