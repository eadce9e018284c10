/** Where things of a server are, from the address that a person gave. */
export interface ServerUrls {
	/** As a credential is kept for it: without a slash at its end. */
	server: string;
	join: URL;
	link: URL;
}

/**
 * @param base `http(s)://` or `ws(s)://`; a path in it is kept
 * @throws Error with a sentence
 */
export function serverUrls(base: string, name: string): ServerUrls {
	let url: URL;
	try {
		url = new URL(base);
	} catch {
		throw new Error(`"${base}" is not the address of a klaw server. Give one such as https://klaw.example.com.`);
	}
	const protocols = { "http:": ["http:", "ws:"], "https:": ["https:", "wss:"], "ws:": ["http:", "ws:"], "wss:": ["https:", "wss:"] };
	const [http, ws] = protocols[url.protocol as keyof typeof protocols] ?? [];
	if (!http || !ws) throw new Error(`"${base}" is not the address of a klaw server: it begins with neither http:// nor https://.`);
	const at = `${url.host}${url.pathname.replace(/\/+$/, "")}`;
	const node = `${at}/api/v1/nodes/${encodeURIComponent(name)}`;
	return { server: `${http}//${at}`, join: new URL(`${http}//${node}/join`), link: new URL(`${ws}//${node}/link`) };
}
