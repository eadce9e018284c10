import { age } from "../../resources/age.ts";
import type { PlacementStatus, PlacementVerdict } from "../../resources/virtual/placement-review.ts";
import { formatColumns } from "../output/columns.ts";
import { terminalText } from "../output/terminal-text.ts";

/** Headings of the scores, in the order in which they stand. */
const SCORES = [
	["NodeResourcesFit", "FIT"],
	["NodeAffinity", "NODE-AFFINITY"],
	["SessionAffinity", "SESSION-AFFINITY"],
	["PodTopologySpread", "SPREAD"],
	["TaintToleration", "TAINTS"],
	["WorkspaceLocality", "WORKSPACE"],
] as const;
const NOTHING = "-";

/**
 * A decision of the scheduler for people: in one line what was decided, then the nodes, those that would do with their
 * scores and the others with what speaks against them.
 *
 * @param what was placed, or thought of: `session/x`, `a session of agent x`
 * @param now milliseconds since the epoch
 * @param holds the node that the session holds now, `""` for none: it may have given back the one that it got
 */
export function placementText(what: string, status: PlacementStatus, now: number, holds?: string): string {
	const { recorded, time, message, nodes, omitted, evaluated, feasible, preemption } = status;
	const lines = [`${what}: ${message}${/[.!?]$/.test(message) ? "" : "."}`];
	const count = `${feasible} of ${evaluated} ${evaluated === 1 ? "node" : "nodes"}`;
	lines.push(recorded ? `Decided ${age(time, now)} ago: ${count} would do.` : `As things stand now, ${count} would do.`);
	if (recorded && holds !== undefined && status.node !== undefined && holds !== status.node)
		lines.push(holds === "" ? "It has given the node back since, and asks again when it needs one." : `It is on ${holds} now.`);
	if (preemption) lines.push(victimsLine(preemption));
	if (nodes.length > 0) lines.push("", table(status).trimEnd());
	if (omitted > 0) lines.push(`… and ${omitted} more ${omitted === 1 ? "node" : "nodes"}.`);
	return terminalText(lines.map((line) => `${line}\n`).join(""));
}

function victimsLine({ node, victims, others }: NonNullable<PlacementStatus["preemption"]>): string {
	const named = victims.map((victim) => `session/${victim}`);
	const elsewhere = others === 0 ? [] : [`${others} of other namespaces`];
	return `To make room on ${node}, ${[...named, ...elsewhere].join(", ")} ${victims.length + others === 1 ? "is" : "are"} asked to leave.`;
}

function table({ nodes, node: chosen }: PlacementStatus): string {
	const shown = SCORES.filter(([name]) => nodes.some(({ scores }) => scores?.[name] !== undefined));
	const scored = nodes.some(({ total }) => total !== undefined);
	const heads = ["NODE", "VERDICT", ...shown.map(([, head]) => head), ...(scored ? ["TOTAL"] : []), "REASON"];
	const rows = nodes.map((verdict) => [
		verdict.node,
		verdictOf(verdict, chosen),
		...shown.map(([name]) => number(verdict.scores?.[name])),
		...(scored ? [number(verdict.total)] : []),
		verdict.reason ?? "",
	]);
	const refused = rows.some((row) => row.at(-1) !== "");
	return formatColumns([heads, ...rows].map((row) => (refused ? row : row.slice(0, -1)))).replace(/ +$/gm, "");
}

function verdictOf({ node, refusedBy }: PlacementVerdict, chosen: string | undefined): string {
	return refusedBy ?? (node === chosen ? "chosen" : "fits");
}

/** Scores are whole numbers as a rule. */
function number(value: number | undefined): string {
	return value === undefined ? NOTHING : String(Math.round(value * 10) / 10);
}
