import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

export interface PostOptions {
	/** A bearer token. */
	token: string;
	/** JSON. */
	body: string;
	/** Certificates, in PEM form, of the authority that the server's is to be of; absent: one that Node trusts. */
	ca?: string | undefined;
	signal: AbortSignal;
}

export interface HttpAnswer {
	status: number;
	statusText: string;
	/** Where a redirect leads; it is not followed. */
	location: string | undefined;
	/** Its first {@link ANSWER_CHARACTERS} characters. */
	body: string;
}

const ANSWER_CHARACTERS = 65_536;

/**
 * One POST, by Node's own client: `fetch` cannot be told of an authority.
 *
 * @throws Error of Node's `http` or `tls`, or the signal's reason
 */
export function post(url: URL, { token, body, ca, signal }: PostOptions): Promise<HttpAnswer> {
	return new Promise((resolve, reject) => {
		const fail = (error: unknown) => reject(signal.aborted ? signal.reason : error);
		const request = url.protocol === "https:" ? requestHttps : requestHttp;
		const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
		request(url, { method: "POST", headers, agent: false, signal, ...(ca !== undefined && { ca }) }, (response) => {
			const { statusCode = 0, statusMessage = "" } = response;
			let text = "";
			const answer = () => resolve({ status: statusCode, statusText: statusMessage, location: response.headers.location, body: text });
			response.setEncoding("utf8");
			response.on("error", fail);
			response.on("data", (piece: string) => {
				text = (text + piece).slice(0, ANSWER_CHARACTERS);
				if (text.length < ANSWER_CHARACTERS) return;
				answer();
				response.destroy();
			});
			response.on("end", answer);
		})
			.once("error", fail)
			.end(body);
	});
}
