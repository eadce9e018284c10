import type { ModelIo } from "./model-io.ts";

export interface ClientOptions {
	baseURL: string;
	apiKey: string;
	fetch: ModelIo["fetch"];
}

/** Clients kept at most: an isolate that serves many keys starts over rather than grow. */
const LIMIT = 64;

/**
 * Makes each SDK client once for its key, base URL and fetch: a session asks for one at every step. Clients are kept,
 * not the promises of clients: all objects of an isolate share them, and in workerd a promise whose maker is evicted
 * never settles. Two that ask for the first time at once make two.
 */
export function clientCache<Client>(create: (options: ClientOptions) => Promise<Client>): (options: ClientOptions) => Promise<Client> {
	const caches = new WeakMap<ModelIo["fetch"], Map<string, Client>>();
	return async (options) => {
		const cache = caches.get(options.fetch) ?? new Map<string, Client>();
		caches.set(options.fetch, cache);
		const key = `${options.baseURL} ${options.apiKey}`;
		const known = cache.get(key);
		if (known) return known;
		const made = await create(options);
		if (cache.size >= LIMIT) cache.clear();
		cache.set(key, made);
		return made;
	};
}
