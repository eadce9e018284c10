import type { Context } from "hono";
import { negotiate, type Representation } from "../../api/negotiate.ts";
import { toPartial } from "../../api/partial-object.ts";
import type { ApiReply, ListPage } from "../../api/request.ts";
import { type IncludeObject, toTable } from "../../api/table.ts";
import type { KindDefinition } from "../../resources/kind.ts";
import type { BaseResource } from "../../resources/resource.ts";
import { sendStatus } from "../errors.ts";
import { listParts } from "./list-shape.ts";
import { listText, streamOf } from "./list-text.ts";
import { warningHeaders } from "./warnings.ts";

/** How the client wants an object. @throws ApiError 406 */
export function asOne(c: Context): Representation {
	return negotiate(c.req.header("Accept"), "one");
}

/** How the client wants a list. Asked before anything is read or written. @throws ApiError 406 */
export function asList(c: Context): Representation {
	return negotiate(c.req.header("Accept"), "list");
}

/** What of the objects the rows of a Table carry. */
export function includeObject(c: Context): IncludeObject {
	const asked = c.req.query("includeObject");
	return asked === "None" || asked === "Object" ? asked : "Metadata";
}

/** Sends what an owner answered, in the form that was negotiated. */
export async function sendReply(c: Context, kind: KindDefinition, reply: ApiReply, how: Representation): Promise<Response> {
	if (reply.type === "status") return sendStatus(c, reply.status);
	if (reply.type === "list")
		return sendList(c, kind, one(reply), { ...how, as: how.as === "PartialObjectMetadata" ? "PartialObjectMetadataList" : how.as });
	return sendObject(c, kind, reply, how);
}

export interface SentObject {
	object: BaseResource;
	/** 201 */
	created?: boolean;
	warnings?: readonly string[];
}

export async function sendObject(c: Context, kind: KindDefinition, sent: SentObject, how: Representation): Promise<Response> {
	const { object, created = false, warnings = [] } = sent;
	for (const warning of warningHeaders(warnings)) c.header("Warning", warning, { append: true });
	return sendData(c, shaped(c, kind, object, how), how, created ? 201 : 200);
}

/** Sends a list page by page as it comes. What its metadata says is on the last page. */
export async function sendList(c: Context, kind: KindDefinition, pages: AsyncGenerator<ListPage>, how: Representation): Promise<Response> {
	const shape = { as: how.as, include: includeObject(c), now: Date.now() };
	const first = await pages.next();
	if (first.done) throw new Error("A list has no page.");
	if (how.mediaType === "application/yaml") return sendData(c, wholeList(kind, await allOf(first.value, pages), shape), how, 200);
	const second = await pages.next();
	if (second.done) return c.json(wholeList(kind, first.value, shape));
	c.header("Content-Type", "application/json");
	return c.body(streamOf(listText(kind, first.value, startingWith(second.value, pages), shape)));
}

/** Sends something that is written as it is, whatever kind it is. */
export async function sendData(
	c: Context,
	data: object,
	{ mediaType }: Pick<Representation, "mediaType">,
	code: 200 | 201,
): Promise<Response> {
	if (mediaType === "application/json") return c.json(data, code);
	const { stringify } = await import("yaml");
	return c.body(stringify(data, { aliasDuplicateObjects: false }), code, { "Content-Type": "application/yaml" });
}

function shaped(c: Context, kind: KindDefinition, object: BaseResource, { as }: Representation): object {
	if (as === "Table") {
		const { resourceVersion } = object.metadata;
		return toTable(kind, [object], { resourceVersion, now: Date.now(), include: includeObject(c) });
	}
	return as === "PartialObjectMetadata" ? toPartial(object) : object;
}

function wholeList(kind: KindDefinition, page: ListPage, shape: Parameters<typeof listParts>[2]): object {
	const { head, metadata, field, elements } = listParts(kind, page, shape);
	return { ...head, metadata, [field]: elements };
}

async function allOf(first: ListPage, rest: AsyncIterable<ListPage>): Promise<ListPage> {
	let all = first;
	for await (const page of rest) all = { ...page, items: [...all.items, ...page.items] };
	return all;
}

async function* one(page: ListPage): AsyncGenerator<ListPage> {
	yield page;
}

async function* startingWith(first: ListPage, rest: AsyncIterable<ListPage>): AsyncGenerator<ListPage> {
	yield first;
	yield* rest;
}
