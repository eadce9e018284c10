import { isPublicHost } from "./public-address.ts";

/** Redirects that are followed. */
export const MAX_REDIRECTS = 5;

const REDIRECTS = [301, 302, 303, 307, 308];
/** Headers that are meant for one host. */
const CREDENTIALS = ["authorization", "cookie", "proxy-authorization"];

/** How to open the guard, said wherever it refuses. */
const OPEN_IT = "klaw up --allow-local-network lets tools reach local addresses.";

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** A request that was not sent, or not followed further. The message is a full sentence for the model. */
export class OutboundError extends Error {
	override readonly name = "OutboundError";
}

export interface GuardOptions {
	/** What the request leaves through. It must not connect to a local address that a public name resolves to. */
	fetch: Fetch;
	/** Lets local addresses pass. Schemes, credentials and redirects are checked all the same. */
	allowLocal: boolean;
}

/**
 * The one way out for tools: http and https to public addresses only, checked before the request and again before each
 * redirect is followed.
 *
 * @example const fetch = guardedFetch({ fetch: globalThis.fetch, allowLocal: false }); await fetch("https://example.com")
 * @throws OutboundError
 */
export function guardedFetch({ fetch, allowLocal }: GuardOptions): Fetch {
	return async (start, init = {}) => {
		let url = checked(start, allowLocal);
		let request: RequestInit = { ...init, redirect: "manual" };
		for (let redirects = 0; ; redirects++) {
			const response = await send(fetch, url, request, allowLocal);
			const location = REDIRECTS.includes(response.status) ? response.headers.get("Location") : null;
			if (location === null) return response;
			// Nobody reads it, and an unread body keeps its connection.
			await response.body?.cancel();
			if (redirects === MAX_REDIRECTS)
				throw new OutboundError(`${start} redirects more than ${MAX_REDIRECTS} times. Fetch the page that it leads to directly.`);
			const next = checked(location, allowLocal, url);
			request = following(request, response.status, next.origin !== url.origin);
			url = next;
		}
	};
}

function checked(text: string, allowLocal: boolean, base?: URL): URL {
	const from = base === undefined ? "" : ` (${base} redirects there)`;
	const url = URL.parse(text, base?.href);
	if (!url) throw new OutboundError(`"${text}" is not a URL${from}. Give a whole one, such as https://example.com/page.`);
	if (url.protocol !== "http:" && url.protocol !== "https:") {
		throw new OutboundError(`${url.protocol.slice(0, -1)} URLs cannot be fetched${from}. Use http or https.`);
	}
	if (url.username !== "" || url.password !== "") {
		throw new OutboundError(`The URL of ${url.host} holds a user name or password${from}. Fetch it without them.`);
	}
	if (!allowLocal && !isPublicHost(url.hostname)) {
		throw new OutboundError(`${url.hostname} is not a public address${from}, so it is not fetched. ${OPEN_IT}`);
	}
	return url;
}

async function send(fetch: Fetch, url: URL, init: RequestInit, allowLocal: boolean): Promise<Response> {
	try {
		return await fetch(url.href, init);
	} catch (error) {
		init.signal?.throwIfAborted();
		const said = error instanceof Error ? error.message : String(error);
		// A network that refuses an address after DNS says no more than "internal error; reference = …".
		const why = said.replace(/; reference = \w+$/, "");
		const perhaps = allowLocal ? "" : ` or its address is not public. ${OPEN_IT}`;
		throw new OutboundError(`${url.host} could not be reached (${why})${perhaps === "" ? "." : perhaps}`, { cause: error });
	}
}

/** The request to send to where a redirect points. */
function following(init: RequestInit, status: number, elsewhere: boolean): RequestInit {
	const headers = new Headers(init.headers);
	if (elsewhere) for (const name of CREDENTIALS) headers.delete(name);
	const method = init.method?.toUpperCase() ?? "GET";
	const asGet = status === 303 ? method !== "HEAD" : (status === 301 || status === 302) && method === "POST";
	if (!asGet) return { ...init, headers };
	for (const name of ["content-type", "content-length"]) headers.delete(name);
	return { ...init, headers, method: "GET", body: undefined };
}
