import { Hono } from "hono";
import { authenticate, impersonate } from "./authentication/authenticate.ts";
import { limitBody } from "./body.ts";
import { clusterPath } from "./cluster-path.ts";
import type { GatewayEnv } from "./context.ts";
import { onError, onNotFound } from "./errors.ts";
import { checkpoints } from "./routes/checkpoints.ts";
import { discovery } from "./routes/discovery.ts";
import { health } from "./routes/health.ts";
import { leases } from "./routes/leases.ts";
import { metrics } from "./routes/metrics.ts";
import { nodeJoinTokens } from "./routes/node-join-tokens.ts";
import { nodes } from "./routes/nodes.ts";
import { placementReviews } from "./routes/placement-reviews.ts";
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
app.route("/", nodes);
app.use(authenticate);
app.use(impersonate);
app.use(limitBody);
// What is special about some resources comes before what holds for all of them.
for (const routes of [discovery, reviews, nodeJoinTokens, tasks, sessions, checkpoints, pods, leases, placementReviews, metrics, resources])
	app.route("/", routes);
