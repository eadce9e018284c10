import { Hono } from "hono";
import { checkName, checkNamespace } from "../../resources/admit.ts";
import { taskKind } from "../../resources/task/kind.ts";
import { readBody } from "../body.ts";
import { cancelReason } from "../cancel-reason.ts";
import type { GatewayEnv } from "../context.ts";
import { askNamespace } from "../objects.ts";
import { sendObject } from "../respond.ts";

/** What can be done with a task beyond the verbs of every object. */
export const tasks = new Hono<GatewayEnv>();

tasks.post("/apis/klaw.sh/v1/namespaces/:namespace/tasks/:name/cancel", async (c) => {
	const { namespace, name } = c.req.param();
	checkNamespace(namespace);
	checkName(taskKind, name);
	const reason = cancelReason(taskKind, name, await readBody(c));
	const { user } = c.get("identity");
	return sendObject(c, taskKind, await askNamespace(c.env, namespace, (stub) => stub.cancelTask(name, user, reason)));
});
