import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { asServiceAccount, asUser, bindRole, ensureNamespace, type Json } from "../../test/fakes/api.ts";
import { apiVersionOf, type KindDefinition, type Verb } from "../resources/kind.ts";
import { ALL_KINDS } from "../resources/registry.ts";

const OWN = "matrix";
const OTHER = "matrix-other";
const ROLES = ["view", "edit", "admin"] as const;
type Role = (typeof ROLES)[number];

const READ = "get list watch";
const WRITE = "create update patch delete deletecollection";

/** Verbs that a role adds to those of the roles before it, in the namespace where it is bound. */
type Row = Partial<Record<Role, string>>;

/**
 * What Kubernetes' `view`, `edit` and `admin` mean for everything that klaw serves: who views sees all but secrets and
 * permissions, who edits changes what runs, who administers decides who else may. What limits a namespace is set from
 * outside of it, what klaw itself writes (status, revisions) is only read, and nothing of the cluster is theirs.
 */
const TABLE: Record<string, Row> = {
	configmaps: { view: READ, edit: WRITE },
	events: { view: READ, edit: WRITE },
	limitranges: { view: READ },
	namespaces: { view: "get" },
	nodes: {},
	pods: { view: READ, edit: WRITE },
	"pods/log": { view: "get" },
	"pods/exec": { edit: "create get" },
	"pods/eviction": { edit: "create" },
	resourcequotas: { view: READ },
	secrets: { edit: `${READ} ${WRITE}` },
	serviceaccounts: { view: READ, edit: WRITE },
	// Kubernetes gives it to `edit`, with whom it is a way to every permission of every ServiceAccount.
	"serviceaccounts/token": { admin: "create" },
	"events.events.k8s.io": { view: READ },
	"agents.klaw.sh": { view: READ, edit: WRITE },
	"agents.klaw.sh/status": { view: "get" },
	"agentrevisions.klaw.sh": { view: READ },
	"agentroutes.klaw.sh": { view: READ, edit: WRITE },
	"auditrecords.klaw.sh": { admin: "get list" },
	"channels.klaw.sh": { view: READ, edit: WRITE },
	"clusters.klaw.sh": {},
	"crontasks.klaw.sh": { view: READ, edit: WRITE },
	"leases.coordination.k8s.io": {},
	"placementreviews.klaw.sh": { view: "create" },
	"priorityclasses.scheduling.k8s.io": {},
	"nodejointokens.klaw.sh": {},
	"modelroutes.klaw.sh": { view: READ, edit: WRITE },
	"sessions.klaw.sh": { view: READ, edit: WRITE },
	"sessions.klaw.sh/messages": { edit: "create" },
	"sessions.klaw.sh/cancel": { edit: "create" },
	"sessions.klaw.sh/events": { view: "get" },
	"sessions.klaw.sh/checkpoints": { view: "get" },
	"sessions.klaw.sh/restore": { edit: "create" },
	"skills.klaw.sh": { view: READ, edit: WRITE },
	"tasks.klaw.sh": { view: READ, edit: WRITE },
	"tasks.klaw.sh/cancel": { edit: "create" },
	"roles.rbac.authorization.k8s.io": { admin: `${READ} ${WRITE}` },
	"rolebindings.rbac.authorization.k8s.io": { admin: `${READ} ${WRITE}` },
	"clusterroles.rbac.authorization.k8s.io": {},
	"clusterrolebindings.rbac.authorization.k8s.io": {},
	"pods.metrics.k8s.io": { view: "get list" },
	"nodes.metrics.k8s.io": {},
	"localsubjectaccessreviews.authorization.k8s.io": { admin: "create" },
	"subjectaccessreviews.authorization.k8s.io": {},
	// About oneself everybody may ask, everywhere.
	"selfsubjectaccessreviews.authorization.k8s.io": { view: "create" },
	"selfsubjectrulesreviews.authorization.k8s.io": { view: "create" },
	"selfsubjectreviews.authentication.k8s.io": { view: "create" },
};

/** Bodies where an empty object would be refused before anybody asks who sends it. */
const BODIES: Record<string, Json> = {
	"sessions.klaw.sh/messages": { text: "hello" },
	"localsubjectaccessreviews.authorization.k8s.io": { spec: { user: "x", resourceAttributes: { namespace: OWN } } },
	"subjectaccessreviews.authorization.k8s.io": { spec: { user: "x", resourceAttributes: { namespace: OWN } } },
	"selfsubjectaccessreviews.authorization.k8s.io": { spec: { resourceAttributes: { namespace: OWN } } },
	"selfsubjectrulesreviews.authorization.k8s.io": { spec: { namespace: OWN } },
};

interface Resource {
	/** Its row in the table. */
	key: string;
	kind: KindDefinition;
	subresource?: string;
	verbs: readonly Verb[];
}

const RESOURCES: readonly Resource[] = ALL_KINDS.filter(({ verbs }) => verbs.length > 0).flatMap((kind) => {
	const key = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
	const below = (kind.subresources ?? []).map(({ name, verbs }) => ({ key: `${key}/${name}`, kind, subresource: name, verbs }));
	return [{ key, kind, verbs: kind.verbs }, ...below];
});

/** A request as one of the table's cells makes it. Objects that are asked for are not there, so that nothing changes. */
interface Cell {
	verb: Verb;
	/** In which namespace the resource is asked for; `undefined`: everywhere, or it is the cluster's. */
	namespace: string | undefined;
	name: string;
	path: string;
}

const METHODS: Record<Verb, string> = {
	get: "GET",
	list: "GET",
	watch: "GET",
	create: "POST",
	update: "PUT",
	patch: "PATCH",
	delete: "DELETE",
	deletecollection: "DELETE",
};
const OF_NO_NAME: readonly Verb[] = ["list", "watch", "create", "deletecollection"];
const QUERIES: Partial<Record<Verb, string>> = { watch: "?watch=true", deletecollection: "?labelSelector=no%3Dsuch" };

function cellsOf({ kind, subresource, verbs }: Resource): Cell[] {
	const root = `/${kind.group === "" ? "api" : "apis"}/${apiVersionOf(kind)}`;
	const isNamespace = kind.group === "" && kind.plural === "namespaces";
	return verbs.flatMap((verb) => {
		const named = subresource !== undefined || !OF_NO_NAME.includes(verb);
		const cell = (namespace: string | undefined, name: string): Cell => {
			const place = namespace === undefined || isNamespace ? root : `${root}/namespaces/${namespace}`;
			const object = name === "" ? "" : `/${name}${subresource === undefined ? "" : `/${subresource}`}`;
			return { verb, namespace, name, path: `${place}/${kind.plural}${object}${QUERIES[verb] ?? ""}` };
		};
		const name = named ? "ghost" : "";
		if (isNamespace) return named ? [cell(OWN, OWN), cell(OTHER, OTHER)] : [cell(undefined, "")];
		if (kind.scope === "Cluster") return [cell(undefined, name)];
		const everywhere = verb === "list" || verb === "watch" ? [cell(undefined, "")] : [];
		return [cell(OWN, name), cell(OTHER, name), ...everywhere];
	});
}

/** Everything of the cluster that is destroyed with a look at it stays: only `ghost` objects and empty choices are named. */
async function ask(headers: Record<string, string>, { key }: Resource, { verb, path }: Cell): Promise<{ code: number; body: Json }> {
	const patch = verb === "patch" ? "application/merge-patch+json" : "application/json";
	const sent = ["create", "update", "patch"].includes(verb) ? JSON.stringify(BODIES[key] ?? {}) : undefined;
	const response = await exports.default.fetch(`http://klaw${path}`, {
		method: METHODS[verb],
		headers: { Authorization: "Bearer test-admin-token", "Content-Type": patch, ...headers },
		...(sent !== undefined && { body: sent }),
	});
	if (verb !== "watch" || response.status !== 200) return { code: response.status, body: await response.json().catch(() => undefined) };
	await response.body?.cancel();
	return { code: 200, body: undefined };
}

function isAllowed(role: Role, { key }: Resource, { verb, namespace }: Cell): boolean {
	const row = TABLE[key] ?? {};
	const verbs = ROLES.slice(0, ROLES.indexOf(role) + 1).flatMap((one) => row[one]?.split(" ") ?? []);
	const isOfEverybody = key.startsWith("selfsubject");
	return verbs.includes(verb) && (namespace === OWN || isOfEverybody);
}

/** Kubernetes' answer to who may not. */
function denial(user: string, { kind, subresource }: Resource, { verb, namespace, name }: Cell): Json {
	const qualified = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
	const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
	const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
	// To run a command is to create an execution, with which method the connection is opened or not.
	const asked = subresource === "exec" ? "create" : verb;
	const why = `User "${user}" cannot ${asked} resource "${resource}" in API group "${kind.group}" ${where}`;
	return {
		kind: "Status",
		apiVersion: "v1",
		metadata: {},
		status: "Failure",
		message: `${qualified}${name === "" ? "" : ` "${name}"`} is forbidden: ${why}`,
		reason: "Forbidden",
		details: { ...(name !== "" && { name }), group: kind.group, kind: kind.plural },
		code: 403,
	};
}

interface Person {
	user: string;
	headers: Record<string, string>;
}
const people = new Map<Role, Person>();

beforeAll(async () => {
	await ensureNamespace(OWN);
	await ensureNamespace(OTHER);
	await bindRole(OWN, "view", "ServiceAccount/viewer");
	await bindRole(OWN, "edit", "User/editor");
	await bindRole(OWN, "admin", "Group/admins");
	people.set("view", { user: `system:serviceaccount:${OWN}:viewer`, headers: await asServiceAccount(OWN, "viewer") });
	people.set("edit", { user: "editor", headers: asUser("editor") });
	people.set("admin", { user: "ada", headers: asUser("ada", "admins") });
});

test("the table has a row for everything that is served, and for nothing else", () => {
	expect(Object.keys(TABLE).sort()).toEqual(RESOURCES.map(({ key }) => key).sort());
});

describe.each(ROLES)("who is bound to %s in one namespace", (role) => {
	test.each(RESOURCES.map((resource) => [resource.key, resource] as const))(
		"may do with %s what that means there, and nothing elsewhere",
		async (_, resource) => {
			const { user, headers } = people.get(role) ?? { user: "", headers: {} };
			for (const cell of cellsOf(resource)) {
				const { code, body } = await ask(headers, resource, cell);
				const what = `${role} ${cell.verb} ${cell.path}`;
				if (isAllowed(role, resource, cell)) expect([200, 201, 404, 422], `${what}: ${JSON.stringify(body)}`).toContain(code);
				else expect({ code, body }, what).toEqual({ code: 403, body: denial(user, resource, cell) });
			}
		},
	);
});
