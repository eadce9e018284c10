/** Requests to the Worker's own gateway with the admin token, from inside workerd. */
import { exports } from "cloudflare:workers";

export const NAMESPACE = "/apis/klaw.sh/v1/namespaces/default";

// biome-ignore lint/suspicious/noExplicitAny: answers of an API under test are looked at as they come.
export type Json = any;

export async function api(
	method: string,
	path: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<{ status: number; body: Json }> {
	const response = await exports.default.fetch(`http://klaw${path}`, {
		method,
		headers: { Authorization: "Bearer test-admin-token", "Content-Type": "application/json", ...headers },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	return { status: response.status, body: await response.json() };
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
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const { body } = await api("GET", `${NAMESPACE}/tasks/${name}`);
		if (phases.includes(body.status?.phase)) return body.status;
		if (Date.now() > deadline) throw new Error(`task ${name} is still ${JSON.stringify(body.status)}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

/** The whole journal of a session, as `{seq, at, event}`. */
export async function journal(session: string): Promise<Json[]> {
	const response = await exports.default.fetch(`http://klaw${NAMESPACE}/sessions/${session}/events`, {
		headers: { Authorization: "Bearer test-admin-token" },
	});
	const text = await response.text();
	return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "null"));
}

export const ENDED = ["Succeeded", "Failed", "Cancelled"];
