import * as z from "zod";
import type { KubeObject } from "../objects.ts";
import type { Describe } from "./describer.ts";
import { Description } from "./description.ts";
import { textList, textMap } from "./fields.ts";
import { describeMetadata } from "./metadata.ts";

const quotaSchema = z.looseObject({
	metadata: z.looseObject({ name: z.string(), namespace: z.string().nullish() }),
	spec: z.looseObject({ hard: textMap, scopes: textList }).nullish(),
	status: z.looseObject({ hard: textMap, used: textMap }).nullish(),
});
const limitRangeSchema = z.looseObject({
	metadata: z.looseObject({ name: z.string(), namespace: z.string().nullish() }),
	spec: z.looseObject({
		limits: z.array(
			z.looseObject({
				type: z.string(),
				min: textMap,
				max: textMap,
				default: textMap,
				defaultRequest: textMap,
				maxLimitRequestRatio: textMap,
			}),
		),
	}),
});
const namespaceSchema = z.looseObject({ status: z.looseObject({ phase: z.string().nullish() }).nullish() });

export const describeResourceQuota: Describe = (object) => {
	const { metadata, spec } = quotaSchema.parse(object);
	const text = new Description();
	text.line(0, "Name:", metadata.name);
	text.line(0, "Namespace:", metadata.namespace ?? "");
	if (spec?.scopes?.length) text.line(0, "Scopes:", [...spec.scopes].sort().join(", "));
	text.table(0, ["Resource", "Used", "Hard"], usage(object));
	return text.toString();
};

export const describeLimitRange: Describe = (object) => {
	const { metadata } = limitRangeSchema.parse(object);
	const text = new Description();
	text.line(0, "Name:", metadata.name);
	text.line(0, "Namespace:", metadata.namespace ?? "");
	describeLimits(text, [object], "");
	return text.toString();
};

export const describeNamespace: Describe = async (object, { list }) => {
	const [quotas, limits] = await Promise.all(
		["resourcequotas", "limitranges"].map((plural) => list(plural, { namespace: object.metadata.name })),
	);
	const text = new Description();
	describeMetadata(text, object.metadata, { namespaced: false });
	text.line(0, "Status:", namespaceSchema.parse(object).status?.phase ?? "");
	text.line(0, "");
	if (!quotas?.length) text.line(0, "No resource quota.");
	else {
		text.line(0, "Resource Quotas");
		for (const quota of quotas) {
			text.line(1, "Name:", quota.metadata.name);
			text.line(1, "Resource", "Used", "Hard");
			text.line(1, "--------", "---", "---");
			for (const row of usage(quota)) text.line(1, ...row);
		}
	}
	text.line(0, "");
	if (!limits?.length) text.line(0, "No LimitRange resource.");
	else {
		text.line(0, "Resource Limits");
		describeLimits(text, limits, " ");
	}
	return text.toString();
};

function usage(quota: KubeObject): string[][] {
	const { spec, status } = quotaSchema.parse(quota);
	return Object.entries(status?.hard ?? spec?.hard ?? {})
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([resource, hard]) => [resource, status?.used?.[resource] ?? "0", hard]);
}

const LIMIT_HEADS = ["Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio"];

function describeLimits(text: Description, ranges: readonly KubeObject[], margin: string): void {
	const row = ([first = "", ...rest]: readonly string[]) => text.line(0, margin + first, ...rest);
	row(LIMIT_HEADS);
	row(LIMIT_HEADS.map((head) => "-".repeat(head.length)));
	for (const range of ranges)
		for (const limit of limitRangeSchema.parse(range).spec.limits) {
			const columns = [limit.min, limit.max, limit.defaultRequest, limit.default, limit.maxLimitRequestRatio];
			const resources = [...new Set(columns.flatMap((column) => Object.keys(column ?? {})))].sort();
			for (const resource of resources) row([limit.type, resource, ...columns.map((column) => column?.[resource] ?? "-")]);
		}
}
