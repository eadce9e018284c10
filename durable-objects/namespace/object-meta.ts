import { apiVersionOf, type KindDefinition } from "../../src/resources/kind.ts";
import { type ObjectMeta, timestamp } from "../../src/resources/resource.ts";
import type { Stamp } from "./decision.ts";

/** The head of an object that the server makes. The store stamps the resource version. */
export function newObject(
	kind: Pick<KindDefinition, "group" | "version" | "kind">,
	namespace: string,
	name: string,
	stamp: Pick<Stamp, "now" | "uid">,
) {
	const metadata: ObjectMeta = {
		name,
		namespace,
		uid: stamp.uid(),
		resourceVersion: "",
		generation: 1,
		creationTimestamp: timestamp(stamp.now),
	};
	return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
}
