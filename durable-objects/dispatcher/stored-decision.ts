import type { Decision, NodeVerdict, ScoreName } from "./scheduler/types.ts";

/**
 * A decision as it is stored. Every lease has one, and what is written of it is most of what a lease writes: names of scores
 * and reasons are there once and not once a node, so that the row of twenty nodes stays below a quarter of a page, from which
 * on SQLite needs pages of its own for it.
 */
interface Stored extends Omit<Decision, "nodes" | "session"> {
	feasibleNodes: string[];
	totals: (number | undefined)[];
	/** By score: of each feasible node, or one number for all of them. */
	scores: Partial<Record<ScoreName, number | number[]>>;
	refusals: { by: string | undefined; reason: string | undefined; nodes: string[] }[];
}

/** Points are kept to a ten-thousandth. */
const PRECISION = 10_000;

export function encodeDecision({ session: _, nodes, ...rest }: Decision): string {
	const feasible = nodes.filter(({ refusedBy }) => refusedBy === undefined);
	const stored: Stored = {
		...rest,
		feasibleNodes: feasible.map(({ node }) => node),
		totals: feasible.map(({ total }) => total && rounded(total)),
		scores: scoresOf(feasible),
		refusals: refusalsOf(nodes.slice(feasible.length)),
	};
	return JSON.stringify(stored);
}

export function decodeDecision(session: string, text: string): Decision {
	const stored: Stored | Decision = JSON.parse(text);
	// As rows were before: the decision itself.
	if ("nodes" in stored) return stored;
	const { feasibleNodes, totals, scores, refusals, ...rest } = stored;
	const names = Object.keys(scores) as ScoreName[];
	const best = feasibleNodes.map((node, at): NodeVerdict => {
		const own = names.map((name) => [name, valueAt(scores[name], at)]);
		return { node, scores: Object.fromEntries(own), ...(typeof totals[at] === "number" && { total: totals[at] }) };
	});
	const refused = refusals.flatMap(({ by, reason, nodes }) => nodes.map((node): NodeVerdict => ({ node, refusedBy: by, reason })));
	return { session, ...rest, nodes: [...best, ...refused] };
}

function scoresOf(feasible: readonly NodeVerdict[]): Stored["scores"] {
	const names = Object.keys(feasible[0]?.scores ?? {}) as ScoreName[];
	return Object.fromEntries(
		names.map((name) => {
			const values = feasible.map(({ scores }) => rounded(scores?.[name] ?? 0));
			return [name, values.every((value) => value === values[0]) ? values[0] : values];
		}),
	);
}

/** Neighbours that are refused for the same reason are one. */
function refusalsOf(refused: readonly NodeVerdict[]): Stored["refusals"] {
	const refusals: Stored["refusals"] = [];
	for (const { node, refusedBy: by, reason } of refused) {
		const last = refusals.at(-1);
		if (last && last.by === by && last.reason === reason) last.nodes.push(node);
		else refusals.push({ by, reason, nodes: [node] });
	}
	return refusals;
}

function valueAt(values: number | number[] | undefined, at: number): number {
	return (Array.isArray(values) ? values[at] : values) ?? 0;
}

function rounded(value: number): number {
	return Math.round(value * PRECISION) / PRECISION;
}
