import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { adminOnly, authenticate } from "./auth.ts";
import { limitBody } from "./body.ts";
import type { GatewayEnv } from "./context.ts";
import { onError, onMethodNotAllowed, onNotFound } from "./errors.ts";
import { health } from "./routes/health.ts";
import { nodeLink, nodes } from "./routes/nodes.ts";
import { resources } from "./routes/resources.ts";
import { sessions } from "./routes/sessions.ts";
import { tasks } from "./routes/tasks.ts";

/** The HTTP API of `docs/api.md`. The order below is the order of the checks. */
export const app = new Hono<GatewayEnv>();

app.onError(onError);
app.notFound(onNotFound);
app.use(methodNotAllowed({ app, onMethodNotAllowed }));

app.route("/", health);
app.use(authenticate);
app.route("/", nodeLink);
app.use(adminOnly);
app.use(limitBody);
for (const routes of [tasks, sessions, resources, nodes]) app.route("/", routes);
