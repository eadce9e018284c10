import { Hono } from "hono";
import { checkNamespace } from "../../resources/admit.ts";
import { taskKind } from "../../resources/task/kind.ts";
import { asOne, sendObject } from "../answers/send.ts";
import { readBody } from "../body.ts";
import { cancelReason } from "../cancel-reason.ts";
import type { GatewayEnv } from "../context.ts";
import { askSessions } from "../objects.ts";

/** What can be done with a task beyond the verbs of every object. */
export const tasks = new Hono<GatewayEnv>();

tasks.post("/apis/klaw.sh/v1/namespaces/:namespace/tasks/:name/cancel", async (c) => {
	const { namespace, name } = c.req.param();
	checkNamespace(namespace);
	const how = asOne(c);
	const reason = cancelReason(taskKind, name, await readBody(c));
	const place = { cluster: c.get("cluster"), namespace };
	const object = await askSessions(c.env, place, (stub) => stub.cancelTask(c.get("caller"), name, reason));
	return sendObject(c, taskKind, { object }, how);
});
