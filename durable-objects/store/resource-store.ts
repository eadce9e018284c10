import type { BaseResource } from "../../src/resources/resource.ts";
import { ChangeLog, type Committed } from "./change-log.ts";
import { type LongText, putBackLongText, takeOutLongText } from "./long-text.ts";
import { type Row, RowCache } from "./row-cache.ts";
import type { Sql } from "./sql.ts";

/** A page ends at this many objects or at about this many characters, so that it fits one RPC message (32 MiB). */
const PAGE_OBJECTS = 500;
const PAGE_CHARACTERS = 4_000_000;

export interface Page<R extends BaseResource = BaseResource> {
	items: R[];
	/** Name to go on after; absent on the last page. */
	next?: string;
}

/** Whether a change may alter what a selector says of the object. */
export type SelectionChanged = (plural: string, before: BaseResource, after: BaseResource) => boolean;

type TextRow = { path: string; part: number; text: string };

/** The objects of a namespace or a cluster, one row each, and the counter that orders their changes. */
export class ResourceStore {
	readonly #sql: Sql;
	readonly #selectionChanged: SelectionChanged;
	readonly log: ChangeLog;
	#version: number;
	readonly #counts = new Map<string, number>();
	readonly #rows = new RowCache();

	constructor(sql: Sql, selectionChanged: SelectionChanged) {
		this.#sql = sql;
		this.#selectionChanged = selectionChanged;
		this.log = new ChangeLog(sql, (plural, name) => this.get(plural, name));
		const [row] = sql.exec<{ value: number }>("SELECT value FROM _meta WHERE key = 'version'").toArray();
		this.#version = Math.max(row?.value ?? 0, this.log.newest());
	}

	/** The commit counter. */
	version(): number {
		return this.#version;
	}

	/** The caller knows of which kind the objects of `plural` are. */
	get<R extends BaseResource = BaseResource>(plural: string, name: string): R | undefined {
		const row = this.#row(plural, name);
		return row && this.#read<R>(plural, row);
	}

	/** The first names, sorted. */
	names(plural: string, limit: number): string[] {
		return this.#sql
			.exec<{ name: string }>("SELECT name FROM resources WHERE plural = ? ORDER BY name LIMIT ?", plural, limit)
			.toArray()
			.map(({ name }) => name);
	}

	/** Objects in order of their names. */
	page<R extends BaseResource = BaseResource>(plural: string, after = "", limit = PAGE_OBJECTS): Page<R> {
		const most = Math.min(limit, PAGE_OBJECTS);
		const select = "SELECT name, rv, json, long_texts FROM resources WHERE plural = ? AND name > ? ORDER BY name LIMIT ?";
		const rows = this.#sql.exec<Row>(select, plural, after, most + 1).toArray();
		const items: R[] = [];
		let characters = 0;
		for (const row of rows.slice(0, most)) {
			const texts = this.#texts(plural, row);
			characters += texts.reduce((sum, { text }) => sum + text.length, row.json.length);
			if (items.length > 0 && characters > PAGE_CHARACTERS) break;
			items.push(this.#read(plural, row, texts));
		}
		const next = items.at(-1)?.metadata.name;
		return items.length < rows.length && next !== undefined ? { items, next } : { items };
	}

	/** Pages of all objects of a kind, one in memory at a time. */
	*pages<R extends BaseResource = BaseResource>(plural: string): Generator<R[], void, undefined> {
		for (let after: string | undefined = ""; after !== undefined; ) {
			const page: Page<R> = this.page(plural, after);
			yield page.items;
			after = page.next;
		}
	}

	/** Every object of a kind, a page in memory at a time. */
	*all<R extends BaseResource = BaseResource>(plural: string): Generator<R, void, undefined> {
		for (const page of this.pages<R>(plural)) yield* page;
	}

	count(plural: string): number {
		const known = this.#counts.get(plural);
		if (known !== undefined) return known;
		const [row] = this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM resources WHERE plural = ?", plural).toArray();
		const count = row?.n ?? 0;
		this.#counts.set(plural, count);
		return count;
	}

	/** How many come after a name. */
	countAfter(plural: string, name: string): number {
		const select = "SELECT count(*) AS n FROM resources WHERE plural = ? AND name > ?";
		return this.#sql.exec<{ n: number }>(select, plural, name).toArray()[0]?.n ?? 0;
	}

	/** Objects that a SQL condition on `json` finds by an index. */
	where<R extends BaseResource>(plural: "agents" | "sessions" | "tasks", condition: string, ...bindings: unknown[]): R[] {
		// The plural stands in the text so that SQLite can use the partial indexes.
		const select = `SELECT name, rv, json, long_texts FROM resources WHERE plural = '${plural}' AND ${condition}`;
		return this.#sql
			.exec<Row>(select, ...bindings)
			.toArray()
			.map((row) => this.#read<R>(plural, row));
	}

	/** Objects that name `uid` as an owner, at most `limit`, in order after one of them. */
	dependents(
		uid: string,
		limit: number,
		after: { plural: string; name: string } = { plural: "", name: "" },
	): { plural: string; name: string }[] {
		const select = "SELECT plural, name FROM owners WHERE owner = ? AND (plural, name) > (?, ?) ORDER BY plural, name LIMIT ?";
		return this.#sql.exec<{ plural: string; name: string }>(select, uid, after.plural, after.name, limit).toArray();
	}

	/** Writes an object. Its resource version becomes the number of this change. */
	put(plural: string, object: BaseResource): Committed {
		const { name } = object.metadata;
		const row = this.#row(plural, name);
		const before = row && this.#read(plural, row);
		const version = ++this.#version;
		const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
		const { json, texts } = takeOutLongText({ ...object, metadata: { ...object.metadata, resourceVersion: "" } });
		if (texts.length > 0 || (row && row.long_texts > 0)) this.#putTexts(plural, name, texts);
		// An upsert leaves alone those indexes whose key is the same; a replacement would write them all.
		const upsert = `INSERT INTO resources VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET rv = excluded.rv, json = excluded.json, long_texts = excluded.long_texts`;
		this.#sql.exec(upsert, plural, name, version, json, texts.length);
		this.#rows.set(plural, { name, rv: version, json, long_texts: texts.length });
		this.#putOwners(plural, before, stored);
		if (!before) this.#counted(plural, 1);
		const change: Committed = { version, type: before ? "MODIFIED" : "ADDED", plural, object: stored };
		if (before && this.#selectionChanged(plural, before, stored)) change.previous = before;
		this.log.append(change, texts.length === 0 ? json : undefined, sizeOf(json, texts));
		return change;
	}

	/** @returns `undefined` when there was no such object */
	remove(plural: string, name: string): Committed | undefined {
		const row = this.#row(plural, name);
		if (!row) return undefined;
		const before = this.#read(plural, row);
		const version = ++this.#version;
		if (row.long_texts > 0) this.#sql.exec("DELETE FROM long_texts WHERE plural = ? AND name = ?", plural, name);
		this.#sql.exec("DELETE FROM resources WHERE plural = ? AND name = ?", plural, name);
		this.#rows.delete(plural, name);
		for (const { uid } of before.metadata.ownerReferences ?? [])
			this.#sql.exec("DELETE FROM owners WHERE owner = ? AND plural = ? AND name = ?", uid, plural, name);
		this.#counted(plural, -1);
		const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } };
		const change: Committed = { version, type: "DELETED", plural, object };
		const { json, texts } = takeOutLongText(object);
		this.log.append(change, texts.length > 0 ? undefined : json, sizeOf(json, texts));
		return change;
	}

	/** After a transaction that was rolled back: what is in memory is what is on disk. */
	rollback(version: number): void {
		this.#version = version;
		this.#counts.clear();
		this.#rows.clear();
		this.log.rollback(version);
	}

	#row(plural: string, name: string): Row | undefined {
		const known = this.#rows.get(plural, name);
		if (known) return known;
		const select = "SELECT name, rv, json, long_texts FROM resources WHERE plural = ? AND name = ?";
		const [row] = this.#sql.exec<Row>(select, plural, name).toArray();
		if (row) this.#rows.set(plural, row);
		return row;
	}

	#counted(plural: string, by: number): void {
		const known = this.#counts.get(plural);
		if (known !== undefined) this.#counts.set(plural, known + by);
	}

	#putOwners(plural: string, before: BaseResource | undefined, after: BaseResource): void {
		const { name } = after.metadata;
		const old = (before?.metadata.ownerReferences ?? []).map(({ uid }) => uid);
		const owners = (after.metadata.ownerReferences ?? []).map(({ uid }) => uid);
		for (const uid of old)
			if (!owners.includes(uid)) this.#sql.exec("DELETE FROM owners WHERE owner = ? AND plural = ? AND name = ?", uid, plural, name);
		for (const uid of owners) if (!old.includes(uid)) this.#sql.exec("INSERT OR IGNORE INTO owners VALUES (?, ?, ?)", uid, plural, name);
	}

	#read<R extends BaseResource>(plural: string, row: Row, texts = this.#texts(plural, row)): R {
		const object: R = JSON.parse(row.json);
		putBackLongText(object, texts);
		object.metadata.resourceVersion = String(row.rv);
		return object;
	}

	#texts(plural: string, row: Row): LongText[] {
		if (row.long_texts === 0) return [];
		const select = "SELECT path, part, text FROM long_texts WHERE plural = ? AND name = ? ORDER BY path, part";
		return this.#sql.exec<TextRow>(select, plural, row.name).toArray();
	}

	#putTexts(plural: string, name: string, texts: readonly LongText[]): void {
		const keep = new Set(texts.map(({ path, part }) => `${part} ${path}`));
		const stored = this.#sql
			.exec<{ path: string; part: number }>("SELECT path, part FROM long_texts WHERE plural = ? AND name = ?", plural, name)
			.toArray();
		for (const { path, part } of stored) {
			if (keep.has(`${part} ${path}`)) continue;
			this.#sql.exec("DELETE FROM long_texts WHERE plural = ? AND name = ? AND path = ? AND part = ?", plural, name, path, part);
		}
		for (const { path, part, text } of texts) {
			// A row that says the same already is not written again: a status update does not rewrite the prompt.
			const upsert =
				"INSERT INTO long_texts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text WHERE text <> excluded.text";
			this.#sql.exec(upsert, plural, name, path, part, text);
		}
	}
}

function sizeOf(json: string, texts: readonly LongText[]): number {
	return texts.reduce((sum, { text }) => sum + text.length, json.length);
}
