import type { Manifest, ManifestEntry, ManifestFile } from "./manifest.ts";
import type { ScannedEntry, ScannedFile } from "./scan.ts";
import { isSame } from "./signature.ts";
import type { IndexedFile, WorkspaceIndex } from "./workspace-index.ts";

/** A file that is there, and whose contents the index knows to be stored where the manifest has them. */
export interface LikelyFile {
	entry: ManifestFile;
	there: ScannedFile;
	known: IndexedFile;
}

/** What makes of a workspace what a manifest says. */
export interface RestorePlan {
	/** Is not to be, in the order in which it can be removed: what is in a directory first. */
	remove: string[];
	makeDirectories: Extract<ManifestEntry, { type: "directory" }>[];
	/** Whose mode is another. */
	directories: Extract<ManifestEntry, { type: "directory" }>[];
	makeLinks: Extract<ManifestEntry, { type: "symlink" }>[];
	/** Right as they are, but for mode and time perhaps. */
	keep: LikelyFile[];
	/** Right if they still have the contents that the index knows. */
	compare: LikelyFile[];
	fetch: ManifestFile[];
}

/** @param there everything that is not ignored, sorted by path */
export function planRestore(manifest: Manifest, there: readonly ScannedEntry[], index: WorkspaceIndex | undefined): RestorePlan {
	const plan: RestorePlan = { remove: [], makeDirectories: [], directories: [], makeLinks: [], keep: [], compare: [], fetch: [] };
	const wanted = new Map(manifest.entries.map((entry) => [entry.path, entry]));
	const found = new Map(there.map((entry) => [entry.path, entry]));
	for (const entry of there.toReversed()) if (!canStay(entry, wanted.get(entry.path))) plan.remove.push(entry.path);
	for (const entry of manifest.entries) {
		const present = found.get(entry.path);
		const stays = present && canStay(present, entry) ? present : undefined;
		switch (entry.type) {
			case "directory":
				if (stays?.type !== "directory") plan.makeDirectories.push(entry);
				if (stays?.type !== "directory" || stays.mode !== entry.mode) plan.directories.push(entry);
				break;
			case "symlink":
				if (!stays) plan.makeLinks.push(entry);
				break;
			case "file":
				planFile(plan, { entry, there: stays?.type === "file" ? stays : undefined, known: index?.files.get(entry.path) }, manifest.blobs);
		}
	}
	return plan;
}

/** Files are replaced later, by the contents that they are to have. */
function canStay(present: ScannedEntry, wanted: ManifestEntry | undefined): boolean {
	if (present.type === "symlink") return wanted?.type === "symlink" && wanted.target === present.target;
	return wanted?.type === present.type;
}

function planFile(
	plan: RestorePlan,
	{ entry, there, known }: { entry: ManifestFile; there: ScannedFile | undefined; known: IndexedFile | undefined },
	blobs: readonly string[],
): void {
	if (!there || !known || !isStoredAt(known, entry, blobs)) plan.fetch.push(entry);
	else if (isSame(known.signature, there)) plan.keep.push({ entry, there, known });
	else if (there.size === sizeOf(entry)) plan.compare.push({ entry, there, known });
	else plan.fetch.push(entry);
}

export function sizeOf({ parts }: ManifestFile): number {
	return parts.reduce((size, [, , length]) => size + length, 0);
}

/** What is stored under a name never changes, so the same place means the same contents. */
function isStoredAt({ contents }: IndexedFile, { parts }: ManifestFile, blobs: readonly string[]): boolean {
	return (
		contents.length === parts.length &&
		contents.every((content, index) => {
			const [blob, offset, length] = parts[index] ?? [];
			return blob !== undefined && content.blob === blobs[blob] && content.offset === offset && content.length === length;
		})
	);
}
