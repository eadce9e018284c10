import type { ListOptions, ListPage } from "../../api/request.ts";
import { ApiError, failure } from "../../api/status.ts";
import { ahead } from "./ahead.ts";
import { type MergedContinue, readMergedContinue, writeMergedContinue } from "./merged-continue.ts";
import { askedVersions, fromStart, mergedPage, type Namespaces } from "./namespaces.ts";
import { following, pages } from "./pages.ts";

/** Namespaces that are asked at once. Each answer may be megabytes, and all of them are in memory. */
const ASKED_AT_ONCE = 4;
/** Of those that only say how much they have. */
const COUNTED_AT_ONCE = 32;

/**
 * The objects of all namespaces, namespace by namespace in order of their names. What the list's metadata says is on the
 * last page. @throws ApiError 400 or 410
 */
export function mergedPages(from: Namespaces, options: ListOptions): AsyncGenerator<ListPage> {
	return options.limit === undefined && options.continue === undefined ? wholeList(from, options) : partOfList(from, options);
}

async function* wholeList({ names, page }: Namespaces, options: ListOptions): AsyncGenerator<ListPage> {
	const asked = askedVersions(options);
	const versions = new Map<string, string>();
	const firstPages = ahead(names, ASKED_AT_ONCE, async (name) => ({
		name,
		first: await page(name, fromStart(options, asked.get(name), undefined)),
	}));
	for await (const { name, first } of firstPages) {
		versions.set(name, first.resourceVersion);
		yield mergedPage(first.items, versions);
		if (first.continue === undefined) continue;
		const rest = pages((given) => page(name, given), following(options, first.continue, undefined));
		for await (const { items } of rest) yield mergedPage(items, versions);
	}
	if (names.length === 0) yield mergedPage([], versions);
}

async function* partOfList(from: Namespaces, options: ListOptions): AsyncGenerator<ListPage> {
	const begun = resumed(options);
	const asked = begun ? undefined : askedVersions(options);
	const names = begun ? from.names.filter((name) => isAhead(name, begun)) : from.names;
	const versions = new Map(begun?.versions);
	let left = options.limit;
	let later = begun?.later;
	for (const [index, name] of names.entries()) {
		const token = begun?.namespace === name ? begun.token : undefined;
		const start = token === undefined ? fromStart(options, asked?.get(name), left) : following(options, token, left);
		for await (const page of pages((given) => from.page(name, given), start)) {
			if (!versions.has(name)) versions.set(name, page.resourceVersion);
			if (left !== undefined) left -= page.items.length;
			if (token === undefined && later !== undefined) later -= page.items.length;
			if (left === undefined || left > 0) {
				yield mergedPage(page.items, versions);
				continue;
			}
			const inside = page.remainingItemCount ?? 0;
			const rest = names.slice(index + 1);
			if (!begun) later = await count(from, rest, options, versions);
			else if (token === undefined && later !== undefined) later -= inside;
			yield lastPage(page, { versions, namespace: name, token: page.continue, later }, rest.length === 0);
			return;
		}
	}
	if (names.length === 0) yield mergedPage([], versions);
}

/** The page that the limit ends, with where the list goes on unless it is at its end. */
function lastPage(page: ListPage, next: MergedContinue, atEnd: boolean): ListPage {
	const merged = mergedPage(page.items, next.versions);
	if (next.token === undefined && (atEnd || next.later === 0)) return merged;
	merged.continue = writeMergedContinue(next);
	if (next.later !== undefined) merged.remainingItemCount = Math.max(0, next.later) + (page.remainingItemCount ?? 0);
	return merged;
}

/**
 * Notes the versions of namespaces that are read later: a watch from the list's version must miss nothing in them.
 * @returns how many objects they have, `undefined` when a selector makes it a guess
 */
async function count(
	{ page }: Namespaces,
	names: readonly string[],
	options: ListOptions,
	versions: Map<string, string>,
): Promise<number | undefined> {
	let objects = 0;
	const firsts = ahead(names, COUNTED_AT_ONCE, async (name) => ({ name, first: await page(name, fromStart(options, undefined, 1)) }));
	for await (const { name, first } of firsts) {
		versions.set(name, first.resourceVersion);
		objects += first.items.length + (first.remainingItemCount ?? 0);
	}
	return options.labelSelector || options.fieldSelector ? undefined : objects;
}

/** @throws ApiError 400 */
function resumed({ continue: token, resourceVersion = "0" }: ListOptions): MergedContinue | undefined {
	if (token === undefined) return undefined;
	if (resourceVersion === "0") return readMergedContinue(token);
	throw new ApiError(failure("BadRequest", "specifying resource version is not allowed when using continue"));
}

function isAhead(name: string, { namespace, token }: MergedContinue): boolean {
	return token === undefined ? name > namespace : name >= namespace;
}
