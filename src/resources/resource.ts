/** Metadata of a stored object. Times are RFC 3339 in whole seconds, as Kubernetes writes them. */
export interface ObjectMeta {
	name: string;
	/** Absent for kinds of the whole cluster. */
	namespace?: string;
	uid: string;
	/** The namespace's commit counter when the object last changed. Opaque to clients. */
	resourceVersion: string;
	/** Counts the changes of `spec`. */
	generation: number;
	creationTimestamp: string;
	/** Deleted, and still being cleaned up. */
	deletionTimestamp?: string;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
}

/** An object as it is stored and served. */
export interface Resource<Spec = unknown, Status = unknown> {
	apiVersion: string;
	kind: string;
	metadata: ObjectMeta;
	spec: Spec;
	status: Status;
}

/** What a client asked for, checked and with every default filled in, before it is an object. */
export interface Draft<Spec = unknown> {
	metadata: {
		name?: string;
		/** Stem of a name that the server completes. */
		generateName?: string;
		labels?: Record<string, string>;
		annotations?: Record<string, string>;
		/** Preconditions of an update. */
		uid?: string;
		resourceVersion?: string;
	};
	spec: Spec;
	/** Of the spec, see `digest.ts`. */
	digest: string;
}

/** @example timestamp(0) // "1970-01-01T00:00:00Z" */
export function timestamp(ms: number): string {
	return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
