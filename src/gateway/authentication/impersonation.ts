import type { Attributes, Caller } from "../../api/request.ts";
import { ApiError, failure } from "../../api/status.ts";
import { nameProblem } from "../../resources/name.ts";
import { AUTHENTICATED } from "./deployment-token.ts";

const AUTHENTICATION = "authentication.k8s.io";
const EXTRA = "impersonate-extra-";
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** To act as somebody else, as the headers of a request ask for. */
export interface Impersonation {
	/** Who it is to be. */
	user: string;
	groups: readonly string[];
	uid?: string;
	/** What the caller must all be allowed. */
	needs: readonly Attributes[];
}

/** `undefined` when nobody is to be impersonated. @throws ApiError 400 for somebody without a name */
export function impersonation(headers: Headers): Impersonation | undefined {
	const user = headers.get("Impersonate-User") ?? "";
	const groups = valuesOf(headers, "Impersonate-Group");
	const uid = headers.get("Impersonate-Uid") ?? "";
	const extras = [...headers.keys()].filter((name) => name.startsWith(EXTRA)).flatMap((name) => extraOf(headers, name));
	if (user === "") {
		if (groups.length === 0 && uid === "" && extras.length === 0) return undefined;
		throw new ApiError(failure("BadRequest", `requested [${described(groups, uid, extras)}] without impersonating a user`));
	}
	const { namespace, name } = serviceAccountOf(user);
	const asked = namespace === "" ? attributes("", "users", user) : attributes("", "serviceaccounts", name, namespace);
	const needs = [
		asked,
		...groups.map((group) => attributes("", "groups", group)),
		...(uid === "" ? [] : [attributes(AUTHENTICATION, "uids", uid)]),
		...extras.map(({ key, value }) => attributes(AUTHENTICATION, `userextras/${key}`, value)),
	];
	return { user, groups: groupsOf(user, namespace, groups), ...(uid !== "" && { uid }), needs };
}

/** As in Kubernetes, what could not be the name of a ServiceAccount is that of a user. */
function serviceAccountOf(user: string): { namespace: string; name: string } {
	const [, namespace = "", name = ""] = SERVICE_ACCOUNT.exec(user) ?? [];
	const isOne = nameProblem("label", namespace) === undefined && nameProblem("subdomain", name) === undefined;
	return isOne ? { namespace, name } : { namespace: "", name: "" };
}

/** The one who is impersonated, as the caller of the request. */
export function impersonated({ user, groups, uid }: Impersonation, by: Caller): Caller {
	return { user, groups, ...(uid !== undefined && { uid }), impersonatedBy: by.user };
}

/** What comes with the name, as if the user had come themselves. */
function groupsOf(user: string, namespace: string, groups: readonly string[]): string[] {
	const all = new Set(groups);
	if (namespace !== "" && groups.length === 0) {
		all.add("system:serviceaccounts");
		all.add(`system:serviceaccounts:${namespace}`);
	}
	if (user === "system:anonymous") all.add("system:unauthenticated");
	else if (!all.has("system:unauthenticated")) all.add(AUTHENTICATED);
	return [...all];
}

function attributes(group: string, resource: string, name: string, namespace = ""): Attributes {
	return { verb: "impersonate", group, resource, namespace, name };
}

/** A header that may be there several times reads as one with commas, and no name of a group has one. */
function valuesOf(headers: Headers, name: string): string[] {
	return (headers.get(name) ?? "")
		.split(",")
		.map((value) => value.trim())
		.filter((value) => value !== "");
}

function extraOf(headers: Headers, name: string): { key: string; value: string }[] {
	const text = name.slice(EXTRA.length);
	return valuesOf(headers, name).map((value) => ({ key: unescaped(text), value }));
}

function unescaped(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function described(groups: readonly string[], uid: string, extras: readonly { key: string; value: string }[]): string {
	return [
		...groups.map((group) => `groups ${JSON.stringify(group)}`),
		...(uid === "" ? [] : [`uid ${JSON.stringify(uid)}`]),
		...extras.map(({ key, value }) => `userextras/${key} ${JSON.stringify(value)}`),
	].join(" ");
}
