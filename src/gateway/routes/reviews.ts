import { type Context, Hono } from "hono";
import type { Caller } from "../../api/request.ts";
import { checkNamespace } from "../../resources/admit.ts";
import { apiVersionOf, type KindDefinition } from "../../resources/kind.ts";
import {
	localSubjectAccessReviewKind,
	type SelfSubjectAccessReview,
	type SubjectAccessReview,
	selfSubjectAccessReviewKind,
	subjectAccessReviewKind,
} from "../../resources/virtual/access-reviews.ts";
import { selfSubjectRulesReviewKind } from "../../resources/virtual/rules-review.ts";
import { selfSubjectReviewKind } from "../../resources/virtual/self-subject-review.ts";
import { asOne, sendData } from "../answers/send.ts";
import { authorize } from "../authorization.ts";
import { requireBody } from "../body.ts";
import type { GatewayEnv } from "../context.ts";
import { decide, decidePath, rulesIn } from "../owners.ts";
import { answered, attributesIn, readReview, statusOf } from "../review.ts";

/** Questions about who may do what, answered and never stored. */
export const reviews = new Hono<GatewayEnv>();

/** Who asks about themselves may always ask. */
reviews.post(pathOf(selfSubjectReviewKind), async (c) => {
	readReview(selfSubjectReviewKind, await requireBody(c));
	const { user, uid, groups } = c.get("caller");
	return answer(c, selfSubjectReviewKind, { status: { userInfo: { username: user, ...(uid !== undefined && { uid }), groups } } });
});

reviews.post(pathOf(selfSubjectAccessReviewKind), async (c) => {
	const { spec } = readReview(selfSubjectAccessReviewKind, await requireBody(c));
	return answer(c, selfSubjectAccessReviewKind, { spec, status: await accessOf(c, c.get("caller"), spec) });
});

reviews.post(pathOf(selfSubjectRulesReviewKind), async (c) => {
	const { spec } = readReview(selfSubjectRulesReviewKind, await requireBody(c));
	checkNamespace(spec.namespace);
	const rules = await rulesIn(c.env, { cluster: c.get("cluster"), namespace: spec.namespace }, c.get("caller"));
	const status = {
		resourceRules: rules.flatMap(({ nonResourceURLs, ...rule }) => (nonResourceURLs?.length ? [] : [rule])),
		nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) => (nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [])),
		incomplete: false,
	};
	return answer(c, selfSubjectRulesReviewKind, { spec, status });
});

reviews.post(pathOf(subjectAccessReviewKind), async (c) => {
	await authorize(c, asking(subjectAccessReviewKind, ""));
	const { spec } = readReview(subjectAccessReviewKind, await requireBody(c));
	return answer(c, subjectAccessReviewKind, { spec, status: await accessOf(c, subjectOf(spec), spec) });
});

reviews.post(pathOf(localSubjectAccessReviewKind), async (c) => {
	const namespace = c.req.param("namespace") ?? "";
	checkNamespace(namespace);
	await authorize(c, asking(localSubjectAccessReviewKind, namespace));
	const { spec } = readReview(localSubjectAccessReviewKind, await requireBody(c), namespace);
	return answer(c, localSubjectAccessReviewKind, { spec, status: await accessOf(c, subjectOf(spec), spec) });
});

function pathOf(kind: Pick<KindDefinition, "group" | "version" | "scope" | "plural">): string {
	return `/apis/${apiVersionOf(kind)}${kind.scope === "Namespaced" ? "/namespaces/:namespace" : ""}/${kind.plural}`;
}

function asking({ group, plural }: Pick<KindDefinition, "group" | "plural">, namespace: string) {
	return { verb: "create", group, resource: plural, namespace, name: "" };
}

function subjectOf({ user = "", groups = [], uid }: SubjectAccessReview["spec"]): Caller {
	return { user, groups, ...(uid !== undefined && { uid }) };
}

async function accessOf(c: Context<GatewayEnv>, who: Caller, spec: SelfSubjectAccessReview["spec"]) {
	const cluster = c.get("cluster");
	if (spec.nonResourceAttributes) {
		const { verb = "", path = "" } = spec.nonResourceAttributes;
		return statusOf(await decidePath(c.env, cluster, who, { verb, path }));
	}
	const attributes = attributesIn(spec);
	return statusOf(await decide(c.env, { cluster, namespace: attributes.namespace || undefined }, who, attributes));
}

function answer(c: Context, kind: Pick<KindDefinition, "group" | "version" | "kind">, rest: object): Promise<Response> {
	return sendData(c, answered(kind, rest), asOne(c), 201);
}
