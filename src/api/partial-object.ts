import { apiVersionOf, type KindDefinition } from "../resources/kind.ts";
import type { BaseResource, ObjectMeta } from "../resources/resource.ts";

/** `meta.k8s.io/v1` PartialObjectMetadata: an object for those who only look after its metadata. */
export interface PartialObjectMetadata {
	kind: "PartialObjectMetadata";
	apiVersion: "meta.k8s.io/v1";
	metadata: ObjectMeta;
}

/** `metadata` of a list. */
export interface ListMeta {
	resourceVersion: string;
	/** Token for the rest; absent on the last page. */
	continue?: string;
	remainingItemCount?: number;
}

/** A list of whole objects of one kind. */
export interface ObjectList {
	kind: string;
	apiVersion: string;
	metadata: ListMeta;
	items: readonly BaseResource[];
}

export interface PartialObjectMetadataList {
	kind: "PartialObjectMetadataList";
	apiVersion: "meta.k8s.io/v1";
	metadata: ListMeta;
	items: PartialObjectMetadata[];
}

export function toPartial({ metadata }: BaseResource): PartialObjectMetadata {
	return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

export function toPartialList(objects: readonly BaseResource[], metadata: ListMeta): PartialObjectMetadataList {
	return { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata: listMeta(metadata), items: objects.map(toPartial) };
}

export function toList(kind: KindDefinition, objects: readonly BaseResource[], metadata: ListMeta): ObjectList {
	return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: listMeta(metadata), items: objects };
}

/** Only what a list's metadata has, out of something with more in it. */
export function listMeta({ resourceVersion, continue: rest, remainingItemCount }: ListMeta): ListMeta {
	return {
		resourceVersion,
		...(rest === undefined ? {} : { continue: rest }),
		...(remainingItemCount === undefined ? {} : { remainingItemCount }),
	};
}
