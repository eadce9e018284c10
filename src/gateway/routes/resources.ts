import { type Context, Hono } from "hono";
import { ApiError, failure } from "../../api/status.ts";
import { admit, checkName, checkNamespace } from "../../resources/admit.ts";
import type { KindDefinition, Verb } from "../../resources/kind.ts";
import { findKind } from "../../resources/registry.ts";
import { requireBody } from "../body.ts";
import type { GatewayEnv } from "../context.ts";
import { checkListOptions } from "../list-options.ts";
import { askNamespace, askNamespaceOnce } from "../objects.ts";
import { sendList, sendObject } from "../respond.ts";

/** Namespaced objects of every kind. */
export const resources = new Hono<GatewayEnv>();

const ALL = "/apis/:group/:version/namespaces/:namespace/:plural";
const ONE = `${ALL}/:name`;

resources.get(ALL, (c) => {
	const { kind, namespace } = place(c, "list");
	checkListOptions(c);
	return sendList(c, kind, (after) => askNamespace(c.env, namespace, (stub) => stub.list(kind.plural, after)));
});

resources.post(ALL, async (c) => {
	const { kind, namespace } = place(c, "create");
	const draft = await admit({ kind, namespace }, await requireBody(c));
	return sendObject(c, kind, await askNamespaceOnce(c.env, namespace, (stub) => stub.create(kind.plural, draft)), 201);
});

resources.get(ONE, async (c) => {
	const { kind, namespace, name } = placeOfOne(c, "get");
	return sendObject(c, kind, await askNamespace(c.env, namespace, (stub) => stub.get(kind.plural, name)));
});

resources.put(ONE, async (c) => {
	const { kind, namespace, name } = placeOfOne(c, "update");
	const draft = await admit({ kind, namespace, name }, await requireBody(c));
	const { object, created } = await askNamespaceOnce(c.env, namespace, (stub) => stub.replace(kind.plural, name, draft));
	return sendObject(c, kind, object, created ? 201 : 200);
});

resources.delete(ONE, async (c) => {
	const { kind, namespace, name } = placeOfOne(c, "delete");
	return c.json(await askNamespaceOnce(c.env, namespace, (stub) => stub.delete(kind.plural, name, c.get("identity").user)));
});

/** @throws ApiError when there is no such kind, it does not do this, or the namespace could not exist */
function place(c: Context<GatewayEnv, typeof ALL>, verb: Verb): { kind: KindDefinition; namespace: string } {
	const { group, version, plural, namespace } = c.req.param();
	const kind = findKind(group, version, plural);
	if (kind?.scope !== "Namespaced") {
		throw new ApiError(failure("NotFound", `The server serves no ${plural} in ${group}/${version}.`));
	}
	if (!kind.verbs.includes(verb)) {
		throw new ApiError(failure("MethodNotAllowed", `${plural} cannot be changed like this: they support ${kind.verbs.join(", ")}.`));
	}
	checkNamespace(namespace);
	return { kind, namespace };
}

function placeOfOne(c: Context<GatewayEnv, typeof ONE>, verb: Verb) {
	const found = place(c, verb);
	const name = c.req.param("name");
	checkName(found.kind, name);
	return { ...found, name };
}
