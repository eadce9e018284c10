import type { Context } from "hono";
import type { Page } from "../../durable-objects/namespace/resource-store.ts";
import { acceptsTable, type IncludeObject, toTable } from "../api/table.ts";
import { apiVersionOf, type KindDefinition } from "../resources/kind.ts";
import type { Resource } from "../resources/resource.ts";

/** Sends an object, as a Table to those who ask for one. */
export function sendObject(c: Context, kind: KindDefinition, object: Resource, code: 200 | 201 = 200): Response {
	if (!wantsTable(c)) return c.json(object, code);
	return c.json(toTable(kind, [object], tableOptions(c, object.metadata.resourceVersion)), code);
}

/**
 * Sends a list page by page as it comes, so that its size is no matter of memory. Its resource version is that of the
 * first page.
 */
export async function sendList(c: Context, kind: KindDefinition, page: (after?: string) => Promise<Page>): Promise<Response> {
	const first = await page();
	const { resourceVersion } = first;
	if (wantsTable(c)) {
		const items = [...first.items];
		for (let { next } = first; next !== undefined; ) {
			const more = await page(next);
			items.push(...more.items);
			next = more.next;
		}
		return c.json(toTable(kind, items, tableOptions(c, resourceVersion)));
	}
	const head = { apiVersion: apiVersionOf(kind), kind: `${kind.kind}List`, metadata: { resourceVersion } };
	if (first.next === undefined) return c.json({ ...head, items: first.items });
	c.header("Content-Type", "application/json");
	return c.body(streamOf(listText(head, first, page)));
}

function streamOf(text: AsyncGenerator<string>): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream({
		async pull(controller) {
			const { done, value } = await text.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(value));
		},
		async cancel() {
			await text.return(undefined);
		},
	});
}

async function* listText(head: object, first: Page, page: (after?: string) => Promise<Page>): AsyncGenerator<string> {
	yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
	let separator = "";
	for (let current: Page | undefined = first; current; current = current.next === undefined ? undefined : await page(current.next)) {
		const items = current.items.map((item) => JSON.stringify(item));
		if (items.length > 0) yield separator + items.join(",");
		separator = ",";
	}
	yield "]}";
}

function wantsTable(c: Context): boolean {
	return acceptsTable(c.req.header("Accept") ?? "");
}

function tableOptions(c: Context, resourceVersion: string) {
	const asked = c.req.query("includeObject");
	const include: IncludeObject = asked === "None" || asked === "Object" ? asked : "Metadata";
	return { resourceVersion, now: Date.now(), include };
}
