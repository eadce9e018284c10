export { ClusterObject } from "../durable-objects/cluster/object.ts";
export { ContainerObject } from "../durable-objects/container/object.ts";
export { DispatcherObject } from "../durable-objects/dispatcher/object.ts";
export { NamespaceObject } from "../durable-objects/namespace/object.ts";
export { NodeObject } from "../durable-objects/node/object.ts";
export { SessionObject } from "../durable-objects/session/object.ts";

import { app } from "./gateway/app.ts";

export default app;
