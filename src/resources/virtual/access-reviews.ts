import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import type { KindDefinition } from "../kind.ts";
import { shown } from "../metadata.ts";
import type { BaseResource } from "../resource.ts";
import {
	type AccessReviewStatus,
	accessReviewStatusSchema,
	attributesProblem,
	nonResourceAttributesSchema,
	resourceAttributesSchema,
} from "./attributes.ts";

const selfSpecSchema = z.strictObject({
	resourceAttributes: resourceAttributesSchema.optional().describe("Something that is done with a resource"),
	nonResourceAttributes: nonResourceAttributesSchema.optional().describe("Something that is done with a path"),
});

const subjectSpecSchema = selfSpecSchema.extend({
	user: z.string().optional().describe("The user who is asked about"),
	groups: z.array(z.string()).max(1000).meta({ "x-kubernetes-list-type": "atomic" }).optional().describe("Groups of the user"),
	uid: z.string().optional().describe("UID of the user"),
	extra: z.record(z.string(), z.array(z.string())).optional().describe("Accepted and not looked at"),
});

interface Review<Spec> extends BaseResource {
	spec: Spec;
	status?: AccessReviewStatus;
}
export type SelfSubjectAccessReview = Review<z.output<typeof selfSpecSchema>>;
export type SubjectAccessReview = Review<z.output<typeof subjectSpecSchema>>;

const COMMON = {
	group: "authorization.k8s.io",
	version: "v1",
	shortNames: [],
	// Asked and answered, never stored.
	verbs: ["create"],
	names: "path",
	status: accessReviewStatusSchema,
	columns: [],
} as const;

export const selfSubjectAccessReviewKind: KindDefinition<SelfSubjectAccessReview> = {
	...COMMON,
	kind: "SelfSubjectAccessReview",
	plural: "selfsubjectaccessreviews",
	singular: "selfsubjectaccessreview",
	scope: "Cluster",
	description: "A SelfSubjectAccessReview asks whether whoever sends it may do something.",
	schema: z.strictObject({ spec: selfSpecSchema.describe("What is asked about") }),
	validate: ({ spec }) => oneAttribute(spec),
};

export const subjectAccessReviewKind: KindDefinition<SubjectAccessReview> = {
	...COMMON,
	kind: "SubjectAccessReview",
	plural: "subjectaccessreviews",
	singular: "subjectaccessreview",
	scope: "Cluster",
	description: "A SubjectAccessReview asks whether somebody may do something.",
	schema: z.strictObject({ spec: subjectSpecSchema.describe("Who and what is asked about") }),
	validate: ({ spec }) => [...oneAttribute(spec), ...nobody(spec)],
};

export const localSubjectAccessReviewKind: KindDefinition<SubjectAccessReview> = {
	...subjectAccessReviewKind,
	kind: "LocalSubjectAccessReview",
	plural: "localsubjectaccessreviews",
	singular: "localsubjectaccessreview",
	scope: "Namespaced",
	description: "A LocalSubjectAccessReview asks whether somebody may do something in its namespace.",
	validate: ({ metadata, spec }) => [...oneAttribute(spec), ...nobody(spec), ...elsewhere(metadata.namespace, spec)],
};

function oneAttribute(spec: z.output<typeof selfSpecSchema>): Cause[] {
	const problem = attributesProblem(spec);
	if (problem === undefined) return [];
	const shownSpec = spec.nonResourceAttributes === undefined ? spec.resourceAttributes : spec.nonResourceAttributes;
	const field = spec.nonResourceAttributes === undefined ? "spec.resourceAttributes" : "spec.nonResourceAttributes";
	return [{ reason: "FieldValueInvalid", field, message: `Invalid value: ${shown(shownSpec ?? null)}: ${problem}` }];
}

function nobody({ user = "", groups = [] }: z.output<typeof subjectSpecSchema>): Cause[] {
	if (user !== "" || groups.length > 0) return [];
	return [
		{ reason: "FieldValueInvalid", field: "spec.user", message: 'Invalid value: "": at least one of user or group must be specified' },
	];
}

function elsewhere(namespace: string | undefined, { resourceAttributes, nonResourceAttributes }: z.output<typeof selfSpecSchema>): Cause[] {
	if (nonResourceAttributes !== undefined)
		return [
			{
				reason: "FieldValueInvalid",
				field: "spec.nonResourceAttributes",
				message: `Invalid value: ${shown(nonResourceAttributes)}: disallowed on this kind of request`,
			},
		];
	const asked = resourceAttributes?.namespace ?? "";
	if (resourceAttributes === undefined || namespace === undefined || asked === namespace) return [];
	const message = `Invalid value: ${shown(asked)}: must match metadata.namespace`;
	return [{ reason: "FieldValueInvalid", field: "spec.resourceAttributes.namespace", message }];
}
