import type { ApiReply, ApiRequest, WatchRequest } from "../../src/api/request.ts";
import { type Answer, notFound, refuse } from "../../src/api/status.ts";
import { findKind } from "../../src/resources/registry.ts";

const NAMESPACE = { group: "", kind: "Namespace", plural: "namespaces" };

/** What one who may do everything is told of a namespace that does not exist: as in Kubernetes it is empty, and takes nothing. */
export function nowhere(namespace: string, request: ApiRequest): Answer<ApiReply> {
	const { verb, resource } = request;
	if (verb === "list") return { ok: true, value: { type: "list", items: [], resourceVersion: "0" } };
	if (verb === "deletecollection") return { ok: true, value: { type: "list", items: [], resourceVersion: "0" } };
	if (verb === "create" || (verb === "patch" && request.patch === "apply")) return refuse(notFound(NAMESPACE, namespace));
	const kind = findKind(resource.group, resource.version, resource.plural) ?? { ...resource, kind: resource.plural };
	return refuse(notFound(kind, request.name));
}

/** How long a watch of nothing lasts when nobody says: its client then finds out whether there is something now. */
const LONGEST_S = 60;

/** A watch of a namespace that does not exist sees nothing, until its end. */
export function watchNowhere({ watch }: WatchRequest): Response {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			timer = setTimeout(() => controller.close(), Math.min(watch.timeoutSeconds ?? LONGEST_S, LONGEST_S) * 1000);
		},
		cancel() {
			clearTimeout(timer);
		},
	});
	return new Response(body, { headers: { "Content-Type": "application/json" } });
}
