import type { WatchEvent } from "../../api/watch-event.ts";
import { linesOf } from "./lines.ts";
import type { WatchMerge } from "./watch-merge.ts";

/** A watch of one namespace, under way. */
export interface NamespaceStream {
	namespace: string;
	response: Response;
}

export interface MergedStreamOptions {
	merge: WatchMerge;
	/** An event as the client wants it, as one line. */
	line(event: WatchEvent): string;
	bookmarks: boolean;
	/** The client wants to know where what was there first ends. */
	markInitial: boolean;
	/** A watch of a namespace that has come. */
	open(namespace: string): Promise<Response>;
}

/** The events of this long are followed by one bookmark. */
const BURST_MS = 250;

/** A namespace that is gone may still tell what was deleted in it, for this long. */
const LAST_WORDS_MS = 5_000;

/** How much later than its stream's end it may be heard that a namespace is being deleted. */
const HEARSAY_MS = 1_000;

/** A namespace that is followed. */
interface Followed {
	reader: ReadableStreamDefaultReader<Uint8Array>;
	gone: boolean;
	/** It is being deleted: its stream will end by itself. */
	ending: boolean;
}

/** Writes what streams of namespaces bring into one, as fast as the client takes it. */
export class MergedStream {
	readonly #options: MergedStreamOptions;
	readonly #out = new TransformStream<Uint8Array, Uint8Array>();
	readonly #writer = this.#out.writable.getWriter();
	readonly #followed = new Map<string, Followed>();
	#changes: ReadableStreamDefaultReader<Uint8Array> | undefined;
	#burst: ReturnType<typeof setTimeout> | undefined;
	#over = false;

	constructor(options: MergedStreamOptions) {
		this.#options = options;
	}

	/** `changes` is a watch of Namespace objects. */
	start(streams: readonly NamespaceStream[], changes: Response): ReadableStream<Uint8Array> {
		// The client has gone.
		this.#writer.closed.catch(() => this.#stop());
		if (this.#options.markInitial && streams.length === 0) this.#background(this.#endOfInitial());
		for (const stream of streams) this.#background(this.#follow(stream));
		this.#background(this.#followNamespaces(changes));
		return this.#out.readable;
	}

	/** A stream that fails ends the whole: the client comes back with the version that it has. */
	#background(work: Promise<void>): void {
		work.catch(() => this.#end());
	}

	async #follow({ namespace, response }: NamespaceStream): Promise<void> {
		const reader = response.body?.getReader();
		if (!reader) return;
		const followed: Followed = { reader, gone: false, ending: false };
		this.#followed.set(namespace, followed);
		try {
			await this.#pass(namespace, followed);
		} catch (error) {
			// What is gone may go in any way.
			if (!followed.gone) throw error;
		}
		if (this.#followed.get(namespace) === followed) this.#followed.delete(namespace);
		if (!(await this.#wasToEnd(followed))) await this.#end();
	}

	/** What was said of a namespace may come later than the end of its stream. */
	async #wasToEnd(followed: Followed): Promise<boolean> {
		const known = () => followed.gone || followed.ending;
		if (!known() && !this.#over) await new Promise((resolve) => setTimeout(resolve, HEARSAY_MS));
		return known();
	}

	async #pass(namespace: string, followed: Followed): Promise<void> {
		for await (const lines of linesOf(followed.reader)) {
			const { lines: told, failed, initialEventsEnd } = this.#options.merge.take(namespace, lines);
			if (told.length > 0) await this.#write(`${told.join("\n")}\n`);
			if (failed) return this.#end();
			if (initialEventsEnd) await this.#endOfInitial();
			if (followed.gone) this.#options.merge.forget(namespace);
			this.#bookmarkSoon();
		}
	}

	async #followNamespaces(changes: Response): Promise<void> {
		this.#changes = changes.body?.getReader();
		if (!this.#changes) throw new Error("The watch of namespaces has no stream.");
		for await (const lines of linesOf(this.#changes)) {
			for (const line of lines) await this.#namespaceChanged(line);
		}
		await this.#end();
	}

	async #namespaceChanged(line: string): Promise<void> {
		const { type, object } = JSON.parse(line) as { type: string; object?: { metadata?: { name?: string; deletionTimestamp?: string } } };
		const name = object?.metadata?.name;
		if (type === "ERROR" || name === undefined) return type === "BOOKMARK" ? undefined : this.#end();
		const followed = this.#followed.get(name);
		if (type === "DELETED") {
			if (followed) this.#letGo(followed);
			if (this.#options.merge.forget(name)) await this.#endOfInitial();
			return;
		}
		if (followed && object?.metadata?.deletionTimestamp !== undefined) followed.ending = true;
		if (followed && !followed.gone) return;
		if (object?.metadata?.deletionTimestamp !== undefined) return;
		const response = await this.#options.open(name);
		if (!response.ok) return this.#end();
		this.#background(this.#follow({ namespace: name, response }));
	}

	#letGo(followed: Followed): void {
		followed.gone = true;
		setTimeout(() => followed.reader.cancel().catch(() => undefined), LAST_WORDS_MS);
	}

	async #endOfInitial(): Promise<void> {
		const { markInitial, merge } = this.#options;
		const resourceVersion = markInitial ? merge.bookmark() : undefined;
		if (resourceVersion === undefined) return;
		await this.#write(this.#options.line({ type: "BOOKMARK", resourceVersion, initialEventsEnd: true }));
	}

	#bookmarkSoon(): void {
		if (!this.#options.bookmarks || this.#over || this.#burst !== undefined) return;
		this.#burst = setTimeout(() => {
			this.#burst = undefined;
			this.#background(this.#bookmark());
		}, BURST_MS);
	}

	async #bookmark(): Promise<void> {
		const resourceVersion = this.#options.bookmarks ? this.#options.merge.bookmark() : undefined;
		if (resourceVersion !== undefined)
			await this.#write(this.#options.line({ type: "BOOKMARK", resourceVersion, initialEventsEnd: false }));
	}

	async #write(text: string): Promise<void> {
		if (!this.#over) await this.#writer.write(new TextEncoder().encode(text));
	}

	/** The orderly end, with a last word about where to go on. */
	async #end(): Promise<void> {
		if (this.#over) return;
		const last = this.#bookmark();
		this.#over = true;
		await last.catch(() => undefined);
		this.#stop();
		await this.#writer.close().catch(() => undefined);
	}

	#stop(): void {
		this.#over = true;
		clearTimeout(this.#burst);
		const readers = [...this.#followed.values()].map(({ reader }) => reader);
		for (const reader of [...readers, this.#changes]) reader?.cancel().catch(() => undefined);
		this.#followed.clear();
	}
}
