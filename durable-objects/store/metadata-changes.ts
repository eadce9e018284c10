import type { DraftMetadata } from "../../src/resources/metadata.ts";
import type { ObjectMeta, OwnerReference } from "../../src/resources/resource.ts";

/** Metadata of an object after an update: what is the client's comes from the draft, what is the server's stays. */
export function updatedMetadata(old: ObjectMeta, draft: DraftMetadata): ObjectMeta {
	const { labels: _, annotations: __, ownerReferences: ___, finalizers: ____, ...kept } = old;
	const metadata: ObjectMeta = { ...kept };
	const { labels, annotations, ownerReferences, finalizers } = draft;
	if (hasAny(labels)) metadata.labels = labels;
	if (hasAny(annotations)) metadata.annotations = annotations;
	if (ownerReferences && ownerReferences.length > 0) metadata.ownerReferences = ownerReferences.map(ownerReference);
	if (finalizers && finalizers.length > 0) metadata.finalizers = [...new Set(finalizers)];
	// A client may reset or repair them; whoever tracks the fields says what is good of it.
	if (draft.managedFields !== undefined) Object.assign(metadata, { managedFields: draft.managedFields });
	return metadata;
}

/** Without the keys that are only there to be undefined. */
export function ownerReference(from: { [Key in keyof OwnerReference]: OwnerReference[Key] | undefined }): OwnerReference {
	const { apiVersion = "", kind = "", name = "", uid = "", controller, blockOwnerDeletion } = from;
	return {
		apiVersion,
		kind,
		name,
		uid,
		...(controller !== undefined && { controller }),
		...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
	};
}

export function hasAny(map: Record<string, string> | undefined): map is Record<string, string> {
	return map !== undefined && Object.keys(map).length > 0;
}
