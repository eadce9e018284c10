import type { Resource } from "../../src/resources/resource.ts";
import type { AgentActivity } from "./agents.ts";
import { type LongText, putBackLongText, takeOutLongText } from "./long-text.ts";

/** A page ends at this many objects or at about this many characters, so that it fits one RPC message (32 MiB). */
const PAGE_OBJECTS = 500;
const PAGE_CHARACTERS = 4_000_000;

export interface Page<R extends Resource = Resource> {
	items: R[];
	/** Name to go on after; absent on the last page. */
	next?: string;
	resourceVersion: string;
}

type Row = { name: string; rv: number; json: string; long_texts: number };
type TextRow = { path: string; part: number; text: string };
type ActivityRow = { agent: string; sessions: number; running: number; waiting: number; time: string | null; phase: string | null };

/** The objects of a namespace, one row each, and the counter that orders their changes. */
export class ResourceStore {
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
	}

	/** The commit counter. */
	version(): number {
		return this.#sql.exec<{ value: number }>("SELECT value FROM _meta WHERE key = 'version'").toArray()[0]?.value ?? 0;
	}

	/** Counts a commit. Every change that is written together shares the number. */
	nextVersion(): number {
		const next = "INSERT INTO _meta VALUES ('version', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value";
		return this.#sql.exec<{ value: number }>(next).one().value;
	}

	/** The caller knows of which kind the objects of `plural` are. */
	get<R extends Resource = Resource>(plural: string, name: string): R | undefined {
		const select = "SELECT name, rv, json, long_texts FROM resources WHERE plural = ? AND name = ?";
		const [row] = this.#sql.exec<Row>(select, plural, name).toArray();
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
	page(plural: string, after = ""): Page {
		const select = "SELECT name, rv, json, long_texts FROM resources WHERE plural = ? AND name > ? ORDER BY name LIMIT ?";
		const rows = this.#sql.exec<Row>(select, plural, after, PAGE_OBJECTS).toArray();
		const page: Page = { items: [], resourceVersion: String(this.version()) };
		let characters = 0;
		for (const row of rows) {
			const texts = this.#texts(plural, row);
			characters += texts.reduce((sum, { text }) => sum + text.length, row.json.length);
			if (page.items.length > 0 && characters > PAGE_CHARACTERS) return { ...page, next: page.items.at(-1)?.metadata.name };
			page.items.push(this.#read(plural, row, texts));
		}
		return rows.length < PAGE_OBJECTS ? page : { ...page, next: rows.at(-1)?.name };
	}

	/** Tasks of a session that have not ended. */
	openTasks<R extends Resource>(session: string): R[] {
		const select = `SELECT name, rv, json, long_texts FROM resources
			WHERE plural = 'tasks' AND json_extract(json, '$.status.phase') IN ('Pending', 'Running')
			AND json_extract(json, '$.status.session') = ?`;
		return this.#sql
			.exec<Row>(select, session)
			.toArray()
			.map((row) => this.#read<R>("tasks", row));
	}

	/** What the sessions of each agent are doing; of one agent when it is named. */
	activity(agent?: string): Map<string, AgentActivity> {
		const only = agent === undefined ? "" : "AND json_extract(json, '$.spec.agent') = ?";
		// SQLite gives the plain column beside max() the value of the row that has the maximum.
		const select = `SELECT json_extract(json, '$.spec.agent') AS agent, count(*) AS sessions,
				total(json_extract(json, '$.status.phase') = 'Running') AS running,
				total(json_extract(json, '$.status.phase') = 'Waiting') AS waiting,
				max(coalesce(json_extract(json, '$.status.lastRun.completionTime'), json_extract(json, '$.status.lastRun.startTime'))) AS time,
				json_extract(json, '$.status.lastRun.phase') AS phase
			FROM resources WHERE plural = 'sessions' ${only} GROUP BY 1`;
		const rows = this.#sql.exec<ActivityRow>(select, ...(agent === undefined ? [] : [agent])).toArray();
		return new Map(
			rows.map(({ agent, sessions, running, waiting, time, phase }) => [
				agent,
				{ sessions, running, waiting, ...(time && phase ? { lastRun: { time, phase } } : {}) },
			]),
		);
	}

	put(plural: string, object: Resource, version: number): void {
		const { name } = object.metadata;
		const { skeleton, texts } = takeOutLongText({ ...object, metadata: { ...object.metadata, resourceVersion: "" } });
		this.#forgetTexts(plural, name, texts);
		for (const { path, part, text } of texts) {
			// A row that says the same already is not written again: a status update does not rewrite the prompt.
			const upsert =
				"INSERT INTO long_texts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text WHERE text <> excluded.text";
			this.#sql.exec(upsert, plural, name, path, part, text);
		}
		// An upsert leaves alone those indexes whose key is the same; a replacement would write them all.
		const upsert = `INSERT INTO resources VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET rv = excluded.rv, json = excluded.json, long_texts = excluded.long_texts`;
		this.#sql.exec(upsert, plural, name, version, JSON.stringify(skeleton), texts.length);
	}

	remove(plural: string, name: string): void {
		this.#sql.exec("DELETE FROM long_texts WHERE plural = ? AND name = ?", plural, name);
		this.#sql.exec("DELETE FROM resources WHERE plural = ? AND name = ?", plural, name);
	}

	#read<R extends Resource>(plural: string, row: Row, texts = this.#texts(plural, row)): R {
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

	#forgetTexts(plural: string, name: string, kept: readonly LongText[]): void {
		const keep = new Set(kept.map(({ path, part }) => `${part} ${path}`));
		const stored = this.#sql
			.exec<{ path: string; part: number }>("SELECT path, part FROM long_texts WHERE plural = ? AND name = ?", plural, name)
			.toArray();
		for (const { path, part } of stored) {
			if (keep.has(`${part} ${path}`)) continue;
			this.#sql.exec("DELETE FROM long_texts WHERE plural = ? AND name = ? AND path = ? AND part = ?", plural, name, path, part);
		}
	}
}
