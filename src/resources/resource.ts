/** Who depends on whom: when the last owner of an object is gone, the object is collected. */
export interface OwnerReference {
	apiVersion: string;
	kind: string;
	name: string;
	uid: string;
	controller?: boolean;
	/** Under foreground deletion the owner stays until this object is gone. */
	blockOwnerDeletion?: boolean;
}

/** A set of fields in the form of `metadata.managedFields`: `{"f:spec": {"f:model": {}}}`. */
export interface FieldsV1 {
	[element: string]: FieldsV1;
}

/** Which fields a manager set, and how. */
export interface ManagedFieldsEntry {
	manager: string;
	operation: "Apply" | "Update";
	apiVersion: string;
	time: string;
	fieldsType: "FieldsV1";
	fieldsV1: FieldsV1;
	subresource?: string;
}

/** Metadata of a stored object. Times are RFC 3339 in whole seconds, as Kubernetes writes them. */
export interface ObjectMeta {
	name: string;
	generateName?: string;
	/** Absent for kinds of the whole cluster. */
	namespace?: string;
	uid: string;
	/** The commit counter when the object last changed. Opaque to clients. */
	resourceVersion: string;
	/** Counts the changes of `spec`; absent for kinds without one. */
	generation?: number;
	creationTimestamp: string;
	/** Deleted, and still being cleaned up. */
	deletionTimestamp?: string;
	deletionGracePeriodSeconds?: number;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	ownerReferences?: OwnerReference[];
	/** What must be removed before a deleted object goes. */
	finalizers?: string[];
	managedFields?: ManagedFieldsEntry[];
}

/** What every object has. The rest is up to its kind: mostly `spec` and `status`. */
export interface BaseResource {
	apiVersion: string;
	kind: string;
	metadata: ObjectMeta;
}

/** An object with a spec and a status, as it is stored and served. */
export interface Resource<Spec = unknown, Status = unknown> extends BaseResource {
	spec: Spec;
	status: Status;
}

/** @example timestamp(0) // "1970-01-01T00:00:00Z" */
export function timestamp(ms: number): string {
	return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
