import type { ListOptions, ListPage } from "../../api/request.ts";

export type AskPage = (options: ListOptions) => Promise<ListPage>;

/**
 * All pages of a list of one owner, as many as the limit takes. What the list's metadata says is on the last of them.
 * Owners answer with as much as one message carries, so a page may be short and not the last.
 */
export async function* pages(ask: AskPage, options: ListOptions): AsyncGenerator<ListPage> {
	let left = options.limit;
	let page = await ask(options);
	for (;;) {
		yield page;
		if (left !== undefined) left -= page.items.length;
		if (page.continue === undefined || (left !== undefined && left <= 0)) return;
		page = await ask(following(options, page.continue, left));
	}
}

/** Options for what comes after a page: where it goes on says which version is meant. */
export function following({ labelSelector, fieldSelector }: ListOptions, token: string, limit: number | undefined): ListOptions {
	return { labelSelector, fieldSelector, continue: token, ...(limit !== undefined && { limit }) };
}
