import { exports } from "cloudflare:workers";

/** A request of an administrator to the Worker, for tests in workerd. */
export async function request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
	const response = await exports.default.fetch(`http://klaw${path}`, {
		method,
		headers: { Authorization: "Bearer test-admin-token", "Content-Type": "application/json", ...headers },
		body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
	});
	const text = await response.text();
	return { code: response.status, headers: response.headers, text, body: parsed(text) };
}

export const inNamespace = (namespace: string) => `/apis/klaw.sh/v1/namespaces/${namespace}`;

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape, and fail where they look in vain.
function parsed(text: string): any {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Asks again until the answer is as wished. @throws Error with the last answer after ten seconds */
export async function eventually<T>(ask: () => Promise<T>, wished: (answer: T) => boolean): Promise<T> {
	const end = Date.now() + 10_000;
	for (;;) {
		const answer = await ask();
		if (wished(answer)) return answer;
		if (Date.now() > end) throw new Error(`in vain: ${JSON.stringify(answer)}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}
