import type { ApiReply, ApiRequest } from "../../src/api/request.ts";
import { ApiError, failure, notFound } from "../../src/api/status.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { type AuditRecord, auditRecordKind } from "../../src/resources/virtual/audit-record.ts";
import type { AuditEntry, AuditLog } from "./audit-log.ts";
import { readContinueToken, writeContinueToken } from "./continue-token.ts";
import { matcher } from "./listing.ts";

/** One RPC answer carries this many records at most. */
const PAGE = 500;
/** So that names sort as they came. */
const NAME_DIGITS = 12;

/** Audit records as objects that can be listed and got, and nothing else. @throws ApiError */
export function auditReply(log: AuditLog, namespace: string | undefined, request: ApiRequest): ApiReply {
	if (request.verb === "get") {
		const id = Number(request.name);
		const entry = Number.isSafeInteger(id) ? log.get(id) : undefined;
		if (!entry) throw new ApiError(notFound(auditRecordKind, request.name));
		return { type: "object", object: recordOf(id, entry, namespace), created: false, warnings: [] };
	}
	if (request.verb !== "list")
		throw new ApiError(failure("MethodNotAllowed", "Audit records are written by the server, and by nobody else."));
	const { list } = request;
	const matches = matcher({ kind: auditRecordKind }, list);
	const token = list.continue ? readContinueToken(list.continue) : undefined;
	const limit = Math.min(list.limit || PAGE, PAGE);
	const found = log.after(token ? Number(token.after) : 0, limit + 1);
	const page = found.slice(0, limit);
	const version = token?.version ?? log.newest;
	const items = page.map(({ id, entry }) => recordOf(id, entry, namespace)).filter(matches);
	const last = page.at(-1);
	const more = found.length > limit && last !== undefined;
	return {
		type: "list",
		items,
		resourceVersion: String(version),
		...(more && { continue: writeContinueToken({ version, after: String(last.id) }) }),
	};
}

function recordOf(id: number, entry: AuditEntry, home: string | undefined): AuditRecord {
	const { caller, verb, group, resource, namespace, name, code, reason, message } = entry;
	const [plural = "", subresource] = resource.split("/");
	const where = namespace || home;
	return {
		apiVersion: "klaw.sh/v1",
		kind: auditRecordKind.kind,
		metadata: {
			name: String(id).padStart(NAME_DIGITS, "0"),
			...(where && { namespace: where }),
			uid: `audit-${id}`,
			resourceVersion: String(id),
			creationTimestamp: timestamp(entry.at),
		},
		user: { username: caller.user, groups: [...caller.groups], ...(caller.uid !== undefined && { uid: caller.uid }) },
		...(caller.impersonatedBy !== undefined && { impersonatedBy: caller.impersonatedBy }),
		verb,
		objectRef: {
			...(group !== "" && { apiGroup: group }),
			resource: plural,
			...(subresource !== undefined && { subresource }),
			...(namespace && { namespace }),
			...(name && { name }),
		},
		responseStatus: { code, ...(reason && { reason }), ...(message && { message }) },
		requestReceivedTimestamp: new Date(entry.at).toISOString(),
	};
}
