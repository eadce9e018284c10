import type { KubeObject } from "../objects.ts";
import type { EventObject } from "./event.ts";

/** What a description may need beside the object. */
export interface DescribeContext {
	/** Events that are about the object; `undefined`: they are not to be shown. */
	events: readonly EventObject[] | undefined;
	/** Milliseconds since the epoch. */
	now: number;
	/** All objects of another resource that have to do with this one; none when they cannot be read. Absent group: the core group. */
	list(plural: string, query: { group?: string; namespace?: string; fieldSelector?: string }): Promise<KubeObject[]>;
}

/** Describes one object as text. */
export type Describe = (object: KubeObject, context: DescribeContext) => string | Promise<string>;
