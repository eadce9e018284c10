import type { ListPage } from "../../api/request.ts";
import type { KindDefinition } from "../../resources/kind.ts";
import { type ListShape, listParts } from "./list-shape.ts";

/**
 * A list as JSON, page by page as they come, so that its size is no matter of memory. Its metadata comes last: where a
 * list ends, and its version, are known when it was read.
 */
export async function* listText(
	kind: KindDefinition,
	first: ListPage,
	rest: AsyncIterable<ListPage>,
	shape: ListShape,
): AsyncGenerator<string> {
	let parts = listParts(kind, first, shape);
	yield `${JSON.stringify(parts.head).slice(0, -1)},"${parts.field}":[`;
	let separator = "";
	const written = () => {
		const elements = parts.elements.map((element) => JSON.stringify(element)).join(",");
		const text = elements === "" ? "" : separator + elements;
		if (elements !== "") separator = ",";
		return text;
	};
	yield written();
	for await (const page of rest) {
		parts = listParts(kind, page, shape);
		yield written();
	}
	yield `],"metadata":${JSON.stringify(parts.metadata)}}`;
}

/** Text as a stream of UTF-8, made as fast as it is read. */
export function streamOf(text: AsyncGenerator<string>): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream({
		async pull(controller) {
			for (;;) {
				const { done, value } = await text.next();
				if (done) return controller.close();
				// Nothing enqueued would be the end of pulling.
				if (value !== "") return controller.enqueue(encoder.encode(value));
			}
		},
		async cancel() {
			await text.return(undefined);
		},
	});
}
