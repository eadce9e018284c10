/** Requests to the Worker's own gateway with the admin token, from inside workerd. */
import { exports } from "cloudflare:workers";

export const inNamespace = (namespace: string) => `/apis/klaw.sh/v1/namespaces/${namespace}`;
export const NAMESPACE = inNamespace("default");

// biome-ignore lint/suspicious/noExplicitAny: answers of an API under test are looked at as they come.
export type Json = any;

/** A request with the admin token. Its body is sent as JSON unless it is text; the answer's is read as JSON where it is. */
export async function request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
	const response = await exports.default.fetch(`http://klaw${path}`, {
		method,
		headers: { Authorization: "Bearer test-admin-token", "Content-Type": "application/json", ...headers },
		body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
	});
	const text = await response.text();
	return { code: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): Json {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** A request and what matters of most answers. */
export async function api(...asked: Parameters<typeof request>): Promise<{ status: number; body: Json }> {
	const { code, body } = await request(...asked);
	return { status: code, body };
}

/** Asks again until the answer is as wished. @throws Error with the last answer after `timeoutMs` */
export async function eventually<T>(ask: () => Promise<T>, wished: (answer: T) => boolean, timeoutMs = 10_000): Promise<T> {
	const end = Date.now() + timeoutMs;
	for (;;) {
		const answer = await ask();
		if (wished(answer)) return answer;
		if (Date.now() > end) throw new Error(`in vain: ${JSON.stringify(answer)}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

/** Creates a namespace when it is not there yet. */
export async function ensureNamespace(name: string): Promise<void> {
	const { code, body } = await request("POST", "/api/v1/namespaces", { metadata: { name } });
	if (code !== 201 && body.reason !== "AlreadyExists") throw new Error(JSON.stringify(body));
}

/** Creates the agent `default` (with the offline model) when it is not there yet. */
export async function ensureAgent(): Promise<void> {
	await api("POST", `${NAMESPACE}/agents`, { metadata: { name: "default" }, spec: { model: "offline/shell" } });
}

export async function createTask(name: string, prompt: string, spec: Record<string, unknown> = {}): Promise<Json> {
	await ensureAgent();
	const { status, body } = await api("POST", `${NAMESPACE}/tasks`, { metadata: { name }, spec: { prompt, ...spec } });
	if (status !== 201) throw new Error(JSON.stringify(body));
	return body;
}

/** Polls a task until its phase is one of these. */
export async function taskPhase(name: string, phases: string[], timeoutMs = 15_000): Promise<Json> {
	const ask = () => api("GET", `${NAMESPACE}/tasks/${name}`);
	return (await eventually(ask, ({ body }) => phases.includes(body.status?.phase), timeoutMs)).body.status;
}

/** The whole journal of a session, as `{seq, at, event}`. */
export async function journal(session: string): Promise<Json[]> {
	const { text } = await request("GET", `${NAMESPACE}/sessions/${session}/events`);
	return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "null"));
}

export const ENDED = ["Succeeded", "Failed", "Cancelled"];

/** A ServiceAccount, made when it is not there yet, as the headers of its requests. */
export async function asServiceAccount(namespace: string, name: string): Promise<Record<string, string>> {
	const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
	await request("POST", accounts, { metadata: { name } });
	const { code, body } = await request("POST", `${accounts}/${name}/token`, { spec: { expirationSeconds: 600 } });
	if (code !== 201) throw new Error(JSON.stringify(body));
	return { Authorization: `Bearer ${body.status.token}` };
}

/** Somebody whom the administrator impersonates, as the headers of their requests. */
export function asUser(name: string, group?: string): Record<string, string> {
	return { "Impersonate-User": name, ...(group !== undefined && { "Impersonate-Group": group }) };
}

export const RBAC = "/apis/rbac.authorization.k8s.io/v1";

/** Binds a ClusterRole in one namespace to `kind/name`, as in `User/jane`. A ServiceAccount is one of that namespace. */
export async function bindRole(namespace: string, role: string, subject: string): Promise<void> {
	const [kind, name] = subject.split("/");
	const where = kind === "ServiceAccount" ? { namespace } : { apiGroup: "rbac.authorization.k8s.io" };
	const { code, body } = await request("POST", `${RBAC}/namespaces/${namespace}/rolebindings`, {
		metadata: { name: `${role}-${subject.replace("/", "-").toLowerCase()}` },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
		subjects: [{ kind, name, ...where }],
	});
	if (code !== 201) throw new Error(JSON.stringify(body));
}

/**
 * Creates a namespace with an object of several kinds in it: the agent `a`, the ConfigMaps `c` and `frozen`, the Secret
 * `s`, the session `idle`, the finished task `t` and the RoleBinding `b`.
 * @returns the paths of what has changed there, and in the cluster, since it was last asked; objects are compared byte for byte
 */
export async function fillNamespace(namespace: string): Promise<() => Promise<string[]>> {
	await ensureNamespace(namespace);
	const [klaw, core, rbac] = [inNamespace(namespace), `/api/v1/namespaces/${namespace}`, `${RBAC}/namespaces/${namespace}`];
	const put = async (path: string, name: string, content: object) => {
		const { code, body } = await request("POST", path, { metadata: { name }, ...content });
		if (code !== 201) throw new Error(JSON.stringify(body));
	};
	await put(`${klaw}/agents`, "a", { spec: { model: "offline/shell" } });
	await put(`${core}/configmaps`, "c", { data: { a: "1" } });
	await put(`${core}/configmaps`, "frozen", { data: { a: "1" }, immutable: true });
	await put(`${core}/secrets`, "s", { stringData: { key: "value" } });
	await put(`${klaw}/sessions`, "idle", { spec: { agent: "a" } });
	await put(`${klaw}/tasks`, "t", { spec: { agent: "a", prompt: "hello" } });
	const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
	await put(`${rbac}/rolebindings`, "b", { roleRef, subjects: [] });
	const status = (path: string, phase: string) =>
		eventually(
			() => api("GET", `${klaw}/${path}`),
			({ body }) => body.status.phase === phase,
		);
	await status("tasks/t", "Succeeded");
	await status("sessions/t", "Idle");

	const paths = [
		...["agents", "agentrevisions", "crontasks", "sessions", "skills", "tasks"].map((plural) => `${klaw}/${plural}`),
		...["configmaps", "secrets", "serviceaccounts", "resourcequotas"].map((plural) => `${core}/${plural}`),
		...["roles", "rolebindings"].map((plural) => `${rbac}/${plural}`),
		...[`${RBAC}/clusterroles`, "/api/v1/namespaces"],
	];
	const texts = () => Promise.all(paths.map(async (path) => (await request("GET", path)).text));
	let before = await texts();
	return async () => {
		const now = await texts();
		const changed = paths.filter((_, index) => now[index] !== before[index]);
		before = now;
		return changed;
	};
}
