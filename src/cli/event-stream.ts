/** One event of a `text/event-stream`. `event` is `message` when the server named none. */
export interface ServerSentEvent {
	event: string;
	data: string;
	/** The stream's last event id so far; `undefined` until the server has sent one. */
	id: string | undefined;
}

/**
 * Reads the `text/event-stream` format of the HTML standard, in whatever pieces it comes. An event that the stream's
 * end cuts in the middle is never returned, as the standard says: it comes again after the reconnection.
 *
 * @example
 * const parser = new EventStreamParser();
 * for await (const bytes of response.body) for (const event of parser.push(bytes)) …
 */
export class EventStreamParser {
	// Drops a byte order mark and keeps the bytes of a character that the next chunk completes.
	readonly #decoder = new TextDecoder("utf-8");
	/** The beginning of a line whose end has not come. */
	#line = "";
	/** The last chunk ended in CR: a LF that begins the next one is the rest of that line's end. */
	#afterCarriageReturn = false;
	#data: string[] = [];
	#event = "";
	#id: string | undefined;

	push(bytes: Uint8Array): ServerSentEvent[] {
		let text = this.#decoder.decode(bytes, { stream: true });
		if (text === "") return [];
		if (this.#afterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
		this.#afterCarriageReturn = text.endsWith("\r");
		const lines = text.split(/\r\n|\r|\n/);
		lines[0] = this.#line + lines[0];
		this.#line = lines.pop() ?? "";
		return lines.flatMap((line) => this.#read(line));
	}

	#read(line: string): ServerSentEvent[] {
		if (line === "") return this.#dispatch();
		const colon = line.indexOf(":");
		const field = colon === -1 ? line : line.slice(0, colon);
		const rest = colon === -1 ? "" : line.slice(colon + 1);
		const value = rest.startsWith(" ") ? rest.slice(1) : rest;
		if (field === "data") this.#data.push(value);
		else if (field === "event") this.#event = value;
		else if (field === "id" && !value.includes("\0")) this.#id = value;
		return [];
	}

	#dispatch(): ServerSentEvent[] {
		const complete = this.#data.length > 0;
		const event = { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id };
		this.#data = [];
		this.#event = "";
		return complete ? [event] : [];
	}
}
