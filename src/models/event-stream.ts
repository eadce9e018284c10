import { type CallSite, modelError, scrub } from "./errors.ts";
import { ModelError } from "./port.ts";
import { providerMessage } from "./provider-message.ts";
import type { CallWatch } from "./stall.ts";

/**
 * The response with its body watched.
 *
 * @throws ModelError when it is no event stream: a web page behind a wrong base URL, or a gateway that answers 200 with
 * an error inside.
 */
export async function eventStream(response: Response, site: CallSite, watch: CallWatch): Promise<Response> {
	const type = response.headers.get("content-type") ?? "";
	if (response.body && !/text\/html|application\/json/.test(type)) return new Response(watch.body(response.body));
	const text = response.body ? await new Response(watch.body(response.body)).text() : "";
	const body = json(text);
	if (typeof body === "object" && body !== null && "error" in body) throw modelError({ error: body.error }, site, "stream", watch);
	const said = scrub(providerMessage(text).message ?? "nothing", site);
	const check = site.urlVariable ? ` Check ${site.urlVariable}.` : "";
	throw new ModelError(
		"StreamBroken",
		`The model ${site.provider}/${site.model} answered with ${type || "an empty body"} instead of an event stream: ${said}.${check}`,
		{ retryable: false },
	);
}

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
