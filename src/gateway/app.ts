import { Hono } from "hono";
import { authenticate, impersonate, notOnlyJoining } from "./authentication/authenticate.ts";
import { limitBody } from "./body.ts";
import { clusterPath } from "./cluster-path.ts";
import type { GatewayEnv } from "./context.ts";
import { onError, onNotFound } from "./errors.ts";
import { discovery } from "./routes/discovery.ts";
import { health } from "./routes/health.ts";
import { metrics } from "./routes/metrics.ts";
import { nodeLink } from "./routes/nodes.ts";
import { pods } from "./routes/pods.ts";
import { resources } from "./routes/resources.ts";
import { reviews } from "./routes/reviews.ts";
import { sessions } from "./routes/sessions.ts";
import { tasks } from "./routes/tasks.ts";

/**
 * The HTTP API of `docs/api.md`, the same for every cluster: routes see the path without the cluster's prefix. The order
 * below is the order of the checks.
 */
export const app = new Hono<GatewayEnv>({ getPath: ({ url }) => clusterPath(new URL(url).pathname).path });

app.onError(onError);
app.notFound(onNotFound);

app.route("/", health);
app.use(authenticate);
app.route("/", nodeLink);
app.use(notOnlyJoining);
app.use(impersonate);
app.use(limitBody);
// What is special about some resources comes before what holds for all of them.
for (const routes of [discovery, reviews, tasks, sessions, pods, metrics, resources]) app.route("/", routes);
