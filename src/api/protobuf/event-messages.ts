import { objectReference } from "./core-messages.ts";
import { message, one } from "./message.ts";
import { objectMeta } from "./meta-messages.ts";

const series = message({ count: one(1, "int"), lastObservedTime: one(2, "microTime") });
const source = message({ component: one(1, "string"), host: one(2, "string") });

/** `v1` Event. */
export const coreEvent = message({
	metadata: one(1, objectMeta),
	involvedObject: one(2, objectReference),
	reason: one(3, "string"),
	message: one(4, "string"),
	source: one(5, source),
	firstTimestamp: one(6, "time"),
	lastTimestamp: one(7, "time"),
	count: one(8, "int"),
	type: one(9, "string"),
	eventTime: one(10, "microTime"),
	series: one(11, series),
	action: one(12, "string"),
	related: one(13, objectReference),
	reportingComponent: one(14, "string"),
	reportingInstance: one(15, "string"),
});

/** `events.k8s.io/v1` Event. */
export const event = message({
	metadata: one(1, objectMeta),
	eventTime: one(2, "microTime"),
	series: one(3, series),
	reportingController: one(4, "string"),
	reportingInstance: one(5, "string"),
	action: one(6, "string"),
	reason: one(7, "string"),
	regarding: one(8, objectReference),
	related: one(9, objectReference),
	note: one(10, "string"),
	type: one(11, "string"),
	deprecatedSource: one(12, source),
	deprecatedFirstTimestamp: one(13, "time"),
	deprecatedLastTimestamp: one(14, "time"),
	deprecatedCount: one(15, "int"),
});
