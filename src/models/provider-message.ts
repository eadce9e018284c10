/** Characters of a provider's own message that are passed on. */
const MESSAGE_LIMIT = 300;

export interface ProviderMessage {
	/** The provider's own word for the kind of error, e.g. `overloaded_error`. */
	type?: string;
	message?: string;
}

/**
 * What a provider says in an error's body: `{"error": {"type", "message"}}` and its many relatives, or plain text, or a
 * proxy's HTML page.
 */
export function providerMessage(body: unknown): ProviderMessage {
	if (typeof body === "string") return { message: shorten(plain(body)) };
	if (!isRecord(body)) return {};
	const { error, errors, detail, message } = body;
	if (isRecord(error)) return providerMessage(error);
	if (Array.isArray(errors) && errors.length > 0) return providerMessage(errors[0]);
	const text = [message, error, detail].find((said) => said !== undefined && said !== null && said !== "");
	const kind = [body.type, body.code].find((said) => (typeof said === "string" && said !== "error") || typeof said === "number");
	return {
		type: kind === undefined ? undefined : String(kind),
		message: text === undefined ? undefined : shorten(typeof text === "string" ? plain(text) : JSON.stringify(text)),
	};
}

/** The title of an HTML page, or its text; anything else stays as it is. */
function plain(text: string): string {
	if (!/<(!doctype|html|head|body)\b/i.test(text)) return text;
	const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
	return title || text.replace(/<(style|script)\b.*?<\/\1>/gis, " ").replace(/<[^>]*>/g, " ");
}

function shorten(text: string): string | undefined {
	const line = text.replace(/\s+/g, " ").trim();
	if (line === "") return undefined;
	return line.length > MESSAGE_LIMIT ? `${line.slice(0, MESSAGE_LIMIT)}…` : line;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
