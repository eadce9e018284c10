import { apiVersionOf, type KindDefinition } from "../../src/resources/kind.ts";
import type { Draft, ObjectMeta } from "../../src/resources/resource.ts";
import { timestamp } from "../../src/resources/resource.ts";
import type { Stamp } from "./decision.ts";

/** The head of a new object. The store stamps the resource version. */
export function newObject(kind: KindDefinition, namespace: string, name: string, from: Draft["metadata"], stamp: Stamp) {
	const metadata: ObjectMeta = {
		name,
		namespace,
		uid: stamp.uid(),
		resourceVersion: "",
		generation: 1,
		creationTimestamp: timestamp(stamp.now),
	};
	if (from.labels) metadata.labels = from.labels;
	if (from.annotations) metadata.annotations = from.annotations;
	return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
}
