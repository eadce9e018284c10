import type { ListOptions, ListPage } from "../../src/api/request.ts";
import { parseFieldSelector } from "../../src/api/selectors/field-selector.ts";
import { parseLabelSelector } from "../../src/api/selectors/label-selector.ts";
import { ApiError, failure } from "../../src/api/status.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { readContinueToken, writeContinueToken } from "./continue-token.ts";
import { type Call, shown } from "./resource-server.ts";

/** One RPC answer carries this many objects at most; whoever wants more goes on by the token. */
const PAGE_LIMIT = 500;
/** Objects that are looked at for one page, so that a selector that fits nothing does not hold up everybody else. */
const SCAN_LIMIT = 2_000;

/** A page of the objects that match. It may be short and go on all the same. */
export function list<Extra>(call: Call<Extra>, options: ListOptions): ListPage {
	const { owner, stored } = call;
	const matches = matcher(call, options);
	const token = options.continue ? readContinueToken(options.continue) : undefined;
	const current = owner.store.version();
	checkVersion(options, current);
	const version = token?.version ?? current;
	const limit = Math.min(options.limit || PAGE_LIMIT, PAGE_LIMIT);
	const items: BaseResource[] = [];
	let after = token?.after ?? "";
	let more = true;
	for (let scanned = 0; more && items.length < limit && scanned < SCAN_LIMIT; ) {
		const asked = limit - items.length;
		const page = owner.store.page(stored.plural, after, asked);
		scanned += page.items.length;
		for (const object of page.items) {
			const seen = shown(call, object);
			if (matches(seen)) items.push(seen);
		}
		after = page.items.at(-1)?.metadata.name ?? after;
		more = page.next !== undefined;
		// It ended early: that is as much as one message holds.
		if (page.items.length < asked) break;
	}
	const reply: ListPage = { type: "list", items, resourceVersion: String(version) };
	if (!more) return reply;
	reply.continue = writeContinueToken({ version, after });
	// As in Kubernetes only where no selector makes it a guess.
	if (!options.labelSelector && !options.fieldSelector) reply.remainingItemCount = owner.store.countAfter(stored.plural, after);
	return reply;
}

/** What the selectors say of an object as it is shown. @throws ApiError 400 */
export function matcher<Extra>(
	{ kind }: Pick<Call<Extra>, "kind">,
	{ labelSelector, fieldSelector }: Pick<ListOptions, "labelSelector" | "fieldSelector">,
): (object: BaseResource) => boolean {
	const labels = parseLabelSelector(labelSelector);
	const fields = parseFieldSelector(fieldSelector, kind);
	return (object) => labels.matches(object.metadata.labels) && fields.matches(object);
}

/**
 * A list is always of now. Of what was asked that is the answer, unless the exact version is another one.
 * @throws ApiError 410 or 504
 */
function checkVersion({ resourceVersion, resourceVersionMatch, continue: token }: ListOptions, current: number): void {
	if (resourceVersion === undefined || resourceVersion === "" || resourceVersion === "0" || token) return;
	const asked = readVersion(resourceVersion);
	if (asked > current) throw tooLarge(asked, current);
	if (resourceVersionMatch === "Exact" && asked !== current)
		throw new ApiError(
			failure(
				"Expired",
				`The resourceVersion for the provided list is too old: ${asked}, and the server keeps the newest only (${current}).`,
			),
		);
}

/** @throws ApiError 400 in Kubernetes' words */
export function readVersion(text: string): number {
	if (/^\d{1,15}$/.test(text)) return Number(text);
	throw new ApiError(
		failure(
			"BadRequest",
			`Invalid value: ${JSON.stringify(text.slice(0, 100))}: strconv.ParseUint: parsing ${JSON.stringify(text.slice(0, 100))}: invalid syntax`,
		),
	);
}

/** A version that there has never been: of another cluster, or made up. */
export function tooLarge(asked: number, current: number): ApiError {
	return new ApiError(
		failure("Timeout", `Too large resource version: ${asked}, current: ${current}`, {
			causes: [{ reason: "ResourceVersionTooLarge", field: "", message: "Too large resource version" }],
			retryAfterSeconds: 1,
		}),
	);
}
