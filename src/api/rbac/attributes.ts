import type { ApiRequest, Attributes, WatchRequest } from "../request.ts";
import { selectedName } from "../selectors/field-selector.ts";

/** What RBAC is asked about a request. As in Kubernetes a list or watch of one name, by `fieldSelector`, is of that name. */
export function attributesOf(request: ApiRequest | WatchRequest): Attributes {
	const { group, plural, subresource } = request.resource;
	const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
	const { namespace = "" } = request;
	if ("watch" in request) return { verb: "watch", group, resource, namespace, name: selectedName(request.watch.fieldSelector) ?? "" };
	if (request.verb === "list") return { verb: "list", group, resource, namespace, name: selectedName(request.list.fieldSelector) ?? "" };
	const name = "name" in request ? (request.name ?? "") : "";
	// A namespace is in itself, so that a role in it may allow to look at it.
	const inItself = group === "" && plural === "namespaces" ? name : "";
	return { verb: request.verb, group, resource, namespace: namespace || inItself, name };
}
