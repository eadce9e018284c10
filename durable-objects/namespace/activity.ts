import type { Agent } from "../../src/resources/agent/kind.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import type { Committed } from "../store/change-log.ts";
import { put, type StoreChange } from "../store/decision.ts";
import type { Sql } from "../store/sql.ts";
import type { View } from "./decision.ts";

interface Tally {
	sessions: number;
	running: number;
	waiting: number;
	nodes: Map<string, number>;
	lastRun?: { phase: string; time: string };
}

type Row = { agent: string; phase: string; node: string | null; sessions: number; time: string | null; run: string | null };

/**
 * What the sessions of each agent are doing: counted once when the object wakes, and kept up to date with every change.
 * The counts are shown whenever an agent is read; written, so that watches see it, is an agent only when its phase
 * changes, since a busy agent would else cost two rows for every step of every session.
 */
export class Activity {
	readonly #sql: Sql;
	#tallies: Map<string, Tally> | undefined;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	present(agent: Agent): Agent {
		const tally = this.#all().get(agent.metadata.name);
		if (!tally) return agent;
		const { nodes: _, ...status } = agent.status;
		return { ...agent, status: { ...status, ...statusOf(tally) } };
	}

	/** What the changes of sessions mean for their agents. */
	follow(view: View, changes: readonly Committed[]): StoreChange[] {
		const agents = new Set<string>();
		// What is counted only now has these changes in it already.
		const counted = this.#tallies === undefined;
		for (const change of changes) {
			if (change.plural !== "sessions") continue;
			const session = change.object as Session;
			const before = change.previous as Session | undefined;
			if (counted) this.#all();
			else if (change.type === "DELETED") this.#count(session, -1);
			else if (change.type === "ADDED") this.#count(session, 1);
			else if (before) {
				this.#count(before, -1);
				this.#count(session, 1);
			}
			agents.add(session.spec.agent ?? "");
		}
		return [...agents].flatMap((name) => {
			const agent = view.agent(name);
			const now = agent && this.present(agent);
			return now && now.status.phase !== agent.status.phase ? [put("agents", now)] : [];
		});
	}

	/** After a transaction that was rolled back. */
	forget(): void {
		this.#tallies = undefined;
	}

	#count(session: Session, by: 1 | -1): void {
		const { phase, node, lastRun } = session.status;
		const name = session.spec.agent ?? "";
		const tallies = this.#all();
		const tally: Tally = tallies.get(name) ?? { sessions: 0, running: 0, waiting: 0, nodes: new Map() };
		tallies.set(name, tally);
		tally.sessions += by;
		if (phase === "Running") tally.running += by;
		if (phase === "Waiting") tally.waiting += by;
		if (node !== undefined) tally.nodes.set(node, (tally.nodes.get(node) ?? 0) + by);
		const time = lastRun?.completionTime ?? lastRun?.startTime;
		if (by > 0 && lastRun && time !== undefined && time >= (tally.lastRun?.time ?? "")) tally.lastRun = { phase: lastRun.phase, time };
	}

	#all(): Map<string, Tally> {
		this.#tallies ??= this.#load();
		return this.#tallies;
	}

	#load(): Map<string, Tally> {
		// SQLite gives the plain column beside max() the value of the row that has the maximum.
		const select = `SELECT json_extract(json, '$.spec.agent') AS agent, json_extract(json, '$.status.phase') AS phase,
				json_extract(json, '$.status.node') AS node, count(*) AS sessions,
				max(coalesce(json_extract(json, '$.status.lastRun.completionTime'), json_extract(json, '$.status.lastRun.startTime'))) AS time,
				json_extract(json, '$.status.lastRun.phase') AS run
			FROM resources WHERE plural = 'sessions' GROUP BY 1, 2, 3`;
		const tallies = new Map<string, Tally>();
		for (const { agent, phase, node, sessions, time, run } of this.#sql.exec<Row>(select).toArray()) {
			const tally: Tally = tallies.get(agent) ?? { sessions: 0, running: 0, waiting: 0, nodes: new Map() };
			tallies.set(agent, tally);
			tally.sessions += sessions;
			if (phase === "Running") tally.running += sessions;
			if (phase === "Waiting") tally.waiting += sessions;
			if (node !== null) tally.nodes.set(node, (tally.nodes.get(node) ?? 0) + sessions);
			if (time !== null && run !== null && time >= (tally.lastRun?.time ?? "")) tally.lastRun = { phase: run, time };
		}
		return tallies;
	}
}

function statusOf({ sessions, running, waiting, nodes, lastRun }: Tally) {
	const phase = running > 0 ? ("Running" as const) : waiting > 0 ? ("Waiting" as const) : ("Idle" as const);
	const held = [...nodes].flatMap(([node, count]) => (count > 0 ? [node] : [])).sort();
	return { phase, sessions, running, waiting, ...(held.length > 0 && { nodes: held }), ...(lastRun && { lastRun }) };
}
