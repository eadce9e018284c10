import * as z from "zod";
import type { DeleteOptions, PropagationPolicy } from "../../api/request.ts";
import { ApiError, type Cause, failure } from "../../api/status.ts";
import { flag, integer, notSupported, type Query, refuseOptions, text } from "./query.ts";
import { dryRunCauses, dryRunValues } from "./write-options.ts";

const POLICIES: readonly PropagationPolicy[] = ["Foreground", "Background", "Orphan"];

/** `meta.k8s.io/v1` DeleteOptions, as clients send them in the body. What is not known of them is passed over. */
const bodySchema = z.object({
	kind: z.literal("DeleteOptions").optional(),
	dryRun: z.array(z.string()).nullish(),
	propagationPolicy: z.string().nullish(),
	orphanDependents: z.boolean().nullish(),
	gracePeriodSeconds: z.int().nullish(),
	preconditions: z.object({ uid: z.string().nullish(), resourceVersion: z.string().nullish() }).nullish(),
});

type Asked = z.output<typeof bodySchema>;

/** From the body, or from the query where there is none. @throws ApiError 400 or 422 */
export function deleteOptions(query: Query, body: unknown): DeleteOptions {
	const asked = body === undefined ? ofQuery(query) : ofBody(body);
	refuseOptions("DeleteOptions", causesOf(asked));
	const { gracePeriodSeconds: grace, preconditions } = asked;
	const propagationPolicy = policyOf(asked);
	const uid = preconditions?.uid ?? undefined;
	const resourceVersion = preconditions?.resourceVersion ?? undefined;
	return {
		dryRun: (asked.dryRun ?? []).length > 0,
		...(propagationPolicy && { propagationPolicy }),
		// Kubernetes takes a negative grace period for the smallest that there is.
		...(typeof grace === "number" && { gracePeriodSeconds: grace < 0 ? 1 : grace }),
		...((uid ?? resourceVersion) !== undefined && {
			preconditions: { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) },
		}),
	};
}

function ofQuery(query: Query): Asked {
	return {
		dryRun: dryRunValues(query),
		propagationPolicy: text(query, "propagationPolicy"),
		orphanDependents: flag(query, "orphanDependents"),
		gracePeriodSeconds: integer(query, "gracePeriodSeconds"),
	};
}

function ofBody(body: unknown): Asked {
	const parsed = bodySchema.safeParse(body);
	if (parsed.success) return parsed.data;
	const problem = parsed.error.issues[0];
	const where = problem?.path.join(".") || "the body";
	throw new ApiError(
		failure("BadRequest", `The body is no DeleteOptions: ${where}: ${problem?.message ?? "is wrong"}. Mend it, or send none.`),
	);
}

function causesOf({ dryRun, propagationPolicy, orphanDependents }: Asked): Cause[] {
	const causes = dryRunCauses(dryRun ?? []);
	if (typeof propagationPolicy === "string" && !isPolicy(propagationPolicy)) {
		causes.push(notSupported("propagationPolicy", JSON.stringify(propagationPolicy.slice(0, 100)), [...POLICIES, "nil"]));
	}
	if (typeof propagationPolicy === "string" && typeof orphanDependents === "boolean") {
		const why = "orphanDependents and deletionPropagation cannot be both set";
		const message = `Invalid value: ${JSON.stringify(propagationPolicy)}: ${why}`;
		causes.push({ reason: "FieldValueInvalid", field: "propagationPolicy", message });
	}
	return causes;
}

/** `orphanDependents` is what `propagationPolicy` was called before there were three. */
function policyOf({ propagationPolicy, orphanDependents }: Asked): PropagationPolicy | undefined {
	if (typeof propagationPolicy === "string" && isPolicy(propagationPolicy)) return propagationPolicy;
	if (typeof orphanDependents === "boolean") return orphanDependents ? "Orphan" : "Background";
	return undefined;
}

function isPolicy(text: string): text is PropagationPolicy {
	return (POLICIES as readonly string[]).includes(text);
}
