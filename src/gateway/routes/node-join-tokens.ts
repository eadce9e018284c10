import { type Context, Hono } from "hono";
import type { JoinToken } from "../../../durable-objects/dispatcher/join-tokens.ts";
import { dispatcherObjectName } from "../../../durable-objects/names.ts";
import { parseFieldSelector } from "../../api/selectors/field-selector.ts";
import { parseLabelSelector } from "../../api/selectors/label-selector.ts";
import { ApiError, conflict, invalid, notFound, success, unwrap } from "../../api/status.ts";
import { admit, checkName } from "../../resources/admit.ts";
import { apiVersionOf } from "../../resources/kind.ts";
import { timestamp } from "../../resources/resource.ts";
import { type NodeJoinToken, type NodeJoinTokenSpec, nodeJoinTokenKind } from "../../resources/virtual/node-join-token.ts";
import { asList, asOne, sendObject, sendReply } from "../answers/send.ts";
import { audit, authorize } from "../authorization.ts";
import { readBody, requireBody } from "../body.ts";
import type { GatewayEnv } from "../context.ts";
import { askDispatcher } from "../objects.ts";
import { deleteOptions } from "../options/delete-options.ts";
import { listOptions } from "../options/list-options.ts";
import { wantsWatch } from "../options/watch-options.ts";
import { writeOptions } from "../options/write-options.ts";
import { reached } from "../reached.ts";

/**
 * Tokens with which machines join. Their Dispatcher knows neither roles nor who reads audit records, so both are seen to
 * here, with the cluster. No default role but `cluster-admin` has them: whoever is a node is given everybody's commands.
 */
export const nodeJoinTokens = new Hono<GatewayEnv>();

const PATH = `/apis/${apiVersionOf(nodeJoinTokenKind)}/${nodeJoinTokenKind.plural}`;
/** What a name begins with that nobody chose. */
const STEM = "join-";

nodeJoinTokens.post(PATH, (c) =>
	recorded(c, "create", "", async () => {
		const how = asOne(c);
		const write = writeOptions("CreateOptions", new URL(c.req.url).searchParams, c.req.header("User-Agent"));
		const draft = admit(
			{ kind: nodeJoinTokenKind, namespace: undefined, fieldValidation: write.fieldValidation },
			named(await requireBody(c)),
		);
		const { name, generateName = STEM, labels, annotations } = draft.metadata;
		const spec = draft.fields.spec as NodeJoinTokenSpec;
		const asked = {
			...(name && { name }),
			...{ generateName, spec, createdBy: c.get("caller").user },
			...(labels && { labels }),
			...(annotations && { annotations }),
		};
		const causes = nodeJoinTokenKind.validate?.(preview(asked)) ?? [];
		if (causes.length > 0) throw new ApiError(invalid(nodeJoinTokenKind, name ?? "", causes));
		if (write.dryRun) return sendObject(c, nodeJoinTokenKind, { object: preview(asked), created: true, warnings: draft.warnings }, how);
		// Not asked twice: a token that nobody was told of would be good all the same.
		const { token, record } = unwrap(await reached("The dispatcher", async () => dispatcher(c).createJoinToken(asked)));
		const object = resourceOf(record, token);
		return sendObject(c, nodeJoinTokenKind, { object, created: true, warnings: draft.warnings }, how);
	}),
);

nodeJoinTokens.get(PATH, async (c, next) => {
	// There are no watches of these, which is said where it is said of all kinds.
	if (wantsWatch(new URL(c.req.url).searchParams)) return next();
	await authorize(c, asking("list"));
	const how = asList(c);
	const { labelSelector, fieldSelector } = listOptions(new URL(c.req.url).searchParams);
	const [labels, fields] = [parseLabelSelector(labelSelector), parseFieldSelector(fieldSelector, nodeJoinTokenKind)];
	const items = (await tokens(c)).map((record) => resourceOf(record));
	const found = items.filter((item) => labels.matches(item.metadata.labels) && fields.matches(item));
	return sendReply(c, nodeJoinTokenKind, { type: "list", items: found, resourceVersion: "" }, how);
});

nodeJoinTokens.get(`${PATH}/:name`, async (c) => {
	const name = c.req.param("name");
	checkName(nodeJoinTokenKind, name);
	await authorize(c, asking("get", name));
	const how = asOne(c);
	return sendObject(c, nodeJoinTokenKind, { object: resourceOf(await tokenOf(c, name)) }, how);
});

nodeJoinTokens.delete(`${PATH}/:name`, (c) =>
	recorded(c, "delete", c.req.param("name"), async () => {
		const name = c.req.param("name");
		checkName(nodeJoinTokenKind, name);
		const how = asOne(c);
		const { dryRun, preconditions } = deleteOptions(new URL(c.req.url).searchParams, await readBody(c));
		const { uid } = await tokenOf(c, name);
		if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
			const why = `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`;
			throw new ApiError(conflict(nodeJoinTokenKind, name, why));
		}
		if (!dryRun) await askDispatcher(c.env, c.get("cluster"), async (stub) => stub.deleteJoinToken(name));
		return sendReply(c, nodeJoinTokenKind, { type: "status", status: success(nodeJoinTokenKind, name, uid) }, how);
	}),
);

/** Authorizes, and leaves a record of what came of it. */
async function recorded(
	c: Context<GatewayEnv>,
	verb: "create" | "delete",
	name: string,
	serve: () => Promise<Response>,
): Promise<Response> {
	const attributes = asking(verb, name);
	await authorize(c, attributes);
	try {
		const response = await serve();
		if (c.req.query("dryRun") === undefined) await audit(c, attributes, { code: response.status });
		return response;
	} catch (error) {
		if (error instanceof ApiError) await audit(c, attributes, error.status);
		throw error;
	}
}

function asking(verb: string, name = "") {
	const { group, plural: resource } = nodeJoinTokenKind;
	return { verb, group, resource, namespace: "", name };
}

function dispatcher(c: Context<GatewayEnv>) {
	return c.env.DISPATCHER.getByName(dispatcherObjectName(c.get("cluster")));
}

async function tokens(c: Context<GatewayEnv>): Promise<JoinToken[]> {
	return askDispatcher(c.env, c.get("cluster"), async (stub) => stub.listJoinTokens());
}

/** @throws ApiError 404 */
async function tokenOf(c: Context<GatewayEnv>, name: string): Promise<JoinToken> {
	const found = (await tokens(c)).find((token) => token.name === name);
	if (!found) throw new ApiError(notFound(nodeJoinTokenKind, name));
	return found;
}

/** Whoever makes a token for once need not think of a name. */
function named(body: unknown): unknown {
	if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
	const { metadata } = body as { metadata?: unknown };
	if (metadata !== undefined && metadata !== null && typeof metadata !== "object") return body;
	const given = { ...metadata } as { name?: unknown; generateName?: unknown };
	return given.name || given.generateName ? body : { ...body, metadata: { ...given, generateName: STEM } };
}

/** A token as it would be, for checks and dry runs. */
function preview(
	asked: Pick<JoinToken, "labels" | "annotations" | "createdBy"> & { name?: string; generateName: string; spec: NodeJoinTokenSpec },
) {
	const { name = asked.generateName, spec, ...rest } = asked;
	const now = Date.now();
	return resourceOf({ ...spec, ...rest, name, uid: "", createdAt: now, expiresAt: now + spec.ttlSeconds * 1000, machines: [] });
}

/** @param token said once, to whoever made it */
function resourceOf(record: JoinToken, token?: string): NodeJoinToken {
	const { name, uid, labels, annotations, createdAt, createdBy, expiresAt, machines } = record;
	const { ttlSeconds, description, nodeName, uses } = record;
	return {
		apiVersion: apiVersionOf(nodeJoinTokenKind),
		kind: nodeJoinTokenKind.kind,
		metadata: {
			...{ name, uid, resourceVersion: String(createdAt), creationTimestamp: timestamp(createdAt) },
			...(labels && { labels }),
			...(annotations && { annotations }),
		},
		spec: {
			ttlSeconds,
			...(description !== undefined && { description }),
			...(nodeName !== undefined && { nodeName }),
			...(uses !== undefined && { uses }),
		},
		status: {
			...(token !== undefined && { token }),
			...{ expirationTimestamp: timestamp(expiresAt), createdBy },
			...(uses !== undefined && { joined: machines.length }),
		},
	};
}
