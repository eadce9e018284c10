import { ApiError, CliError } from "../errors.ts";
import type { ManifestObject } from "../manifests.ts";
import { adoptClientSideFields, CLIENT_SIDE_MANAGERS } from "./adopt-fields.ts";
import { withSource } from "./failures.ts";
import { LAST_APPLIED, lastApplied, withLastApplied, withoutLastApplied } from "./last-applied.ts";
import { applyMergePatch, isMap, threeWayMergePatch } from "./merge-patch.ts";
import type { ResourceClient, ServerObject, WriteQuery } from "./resource-client.ts";
import type { ManifestTarget } from "./targets.ts";
import type { DryRun } from "./write-options.ts";

export interface Applied {
	object: ManifestObject;
	done: "created" | "configured" | "unchanged" | "serverside-applied";
}

export interface ApplyOptions extends WriteQuery {
	/** `client`: nothing is sent but the question what is there. */
	mode: DryRun;
	/** Told what the user should know although it went well. */
	warn(text: string): void;
}

/** Another write may come between reading and patching: then both are done again, as often as kubectl does. */
const ATTEMPTS = 5;

/** Makes the server's object what the file says, by what the last file said and what is there. */
export async function applyObject(requests: ResourceClient, target: ManifestTarget, options: ApplyOptions): Promise<Applied> {
	const { object, source } = target;
	const query: WriteQuery = { ...options, dryRun: options.mode === "server" };
	const wanted = withLastApplied(object);
	for (let attempt = 1; ; attempt++) {
		const live = await requests.find(target).catch((error: unknown) => {
			throw withSource(error, "retrieving current configuration of", source);
		});
		if (!live) {
			if (options.mode === "client") return { object, done: "created" };
			const created = await requests.create(target.resource, target.namespace, wanted, query).catch((error: unknown) => {
				throw withSource(error, "creating", source);
			});
			return { object: created, done: "created" };
		}
		const patch = patchOf(wanted, live, target, options.warn);
		// As kubectl says it: without a server nobody knows whether it would change anything.
		if (options.mode === "client") return { object: asManifest(applyMergePatch(live, patch), live), done: "configured" };
		if (Object.keys(patch).length === 0) return { object: live, done: "unchanged" };
		try {
			return { object: await requests.patch(target, "merge", patch, query), done: "configured" };
		} catch (error) {
			const again = error instanceof ApiError && error.reason === "Conflict" && attempt < ATTEMPTS;
			if (!again) throw withSource(withSource(error, "patching", source), whileApplying(patch, target), source);
		}
	}
}

/** The patch and its object, as kubectl words it. */
function whileApplying(patch: object, { resource, namespace, name }: ManifestTarget): string {
	const version = `${resource.group}/${resource.version}`;
	const of = `Resource: "${version}, Resource=${resource.plural}", GroupVersionKind: "${version}, Kind=${resource.kind}"`;
	return `applying patch:\n${JSON.stringify(patch)}\nto:\n${of}\nName: "${name}", Namespace: "${namespace ?? ""}"\nfor:`;
}

function patchOf(wanted: ManifestObject, live: ServerObject, { resource }: ManifestTarget, warn: (text: string) => void) {
	if (live.metadata.annotations?.[LAST_APPLIED] === undefined)
		warn(
			`resource ${resource.plural}/${live.metadata.name} is missing the ${LAST_APPLIED} annotation which is required by klaw apply. klaw apply should only be used on resources created declaratively by either klaw create --save-config or klaw apply. The missing annotation will be patched automatically.`,
		);
	return threeWayMergePatch(lastApplied(live) ?? {}, wanted, live);
}

function asManifest(value: unknown, live: ServerObject): ManifestObject {
	return isMap(value) ? { ...live, ...value } : live;
}

/** What `apply` would make of the object, by the server's own word. */
export async function previewObject(
	requests: ResourceClient,
	target: ManifestTarget,
	options: WriteQuery & { serverSide: boolean },
): Promise<{ live: ServerObject | undefined; merged: ManifestObject }> {
	const query: WriteQuery = { ...options, dryRun: true };
	const live = await requests.find(target);
	if (options.serverSide)
		return { live, merged: (await serverSideApply(requests, target, { ...query, mode: "server", warn: () => undefined })).object };
	if (!live) return { live, merged: await requests.create(target.resource, target.namespace, target.object, query) };
	const patch = threeWayMergePatch(lastApplied(live) ?? {}, withoutLastApplied(target.object), live);
	return { live, merged: Object.keys(patch).length === 0 ? live : await requests.patch(target, "merge", patch, query) };
}

const RESOLVE_CONFLICTS = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

/** Lets the server merge the file into the object, and keep the books on who set which field. */
export async function serverSideApply(requests: ResourceClient, target: ManifestTarget, options: ApplyOptions): Promise<Applied> {
	const query: WriteQuery = { ...options, dryRun: options.mode === "server" };
	const apply = (force = options.force) => requests.patch(target, "apply", target.object, { ...query, force });
	try {
		const applied = await apply().catch((error: unknown) => {
			// Whoever applied the object by the client until now may well go on by the server.
			if (isOwnConflict(error)) return apply(true);
			throw error;
		});
		const moved = query.dryRun ? undefined : adoptClientSideFields(applied, query.fieldManager ?? "");
		if (!moved) return { object: applied, done: "serverside-applied" };
		await requests.patch(target, "json", moved, {});
		// Once more, so that what the file no longer has goes with its last owner.
		return { object: await apply(), done: "serverside-applied" };
	} catch (error) {
		if (!(error instanceof ApiError) || !conflictsOf(error)) throw error;
		throw new CliError(`${error.status.message}\n${RESOLVE_CONFLICTS}`);
	}
}

function isOwnConflict(error: unknown): boolean {
	const conflicts = error instanceof ApiError ? conflictsOf(error) : undefined;
	return (
		conflicts?.every(({ message = "" }) => CLIENT_SIDE_MANAGERS.some((manager) => message.startsWith(`conflict with "${manager}"`))) ??
		false
	);
}

function conflictsOf({ status }: ApiError) {
	const conflicts = status.details?.causes?.filter(({ reason }) => reason === "FieldManagerConflict") ?? [];
	return conflicts.length > 0 ? conflicts : undefined;
}
