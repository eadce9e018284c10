import type { LeaseRequest } from "../../ports.ts";
import { PeerSelector } from "./peer-selector.ts";
import type { Claim, Identity, Peers, Tally } from "./peers.ts";
import type { Topology } from "./topology.ts";

type Asked = Pick<LeaseRequest, "namespace" | "affinity" | "topologySpreadConstraints">;

export interface PeerTerm {
	tally: Tally;
	topology: Topology;
}

export interface Spread extends PeerTerm {
	maxSkew: number;
}

/** What a request asks of where others are. */
export interface PeerRules {
	/** Tells requests that are alike. */
	id: number;
	/** The tally is of sessions that match every required term; each of the topologies must have one near. */
	affinity?: { tally: Tally; topologies: readonly Topology[] };
	antiAffinity: readonly PeerTerm[];
	preferred: readonly (PeerTerm & { weight: number })[];
	/** DoNotSchedule. */
	hardSpread: readonly Spread[];
	/** ScheduleAnyway. */
	softSpread: readonly Spread[];
	/** What the session says of others from when it is placed. */
	claims: readonly { claim: Claim; weight: number }[];
}

/** kube-scheduler's hardPodAffinityWeight: what a required affinity of somebody placed counts when another is scored. */
const HARD_AFFINITY_WEIGHT = 1;

export const NO_PEER_RULES: PeerRules = { id: 0, antiAffinity: [], preferred: [], hardSpread: [], softSpread: [], claims: [] };

/** `undefined` when nothing is asked of others. */
export function peerRulesKey({ namespace, affinity, topologySpreadConstraints }: Asked): string | undefined {
	const { sessionAffinity, sessionAntiAffinity } = affinity ?? {};
	if (!sessionAffinity && !sessionAntiAffinity && !topologySpreadConstraints?.length) return undefined;
	return JSON.stringify([namespace, sessionAffinity, sessionAntiAffinity, topologySpreadConstraints]);
}

type SessionRules = NonNullable<NonNullable<LeaseRequest["affinity"]>["sessionAffinity"]>;
type SessionTerm = NonNullable<SessionRules["requiredDuringSchedulingIgnoredDuringExecution"]>[number];

type PeerSource = Pick<Peers, "selector" | "tellApart" | "topology" | "tally" | "claim">;

export function peerRules(id: number, { namespace, affinity, topologySpreadConstraints = [] }: Asked, peers: PeerSource): PeerRules {
	const { sessionAffinity: near, sessionAntiAffinity: apart } = affinity ?? {};
	const selectorOf = ({ namespaces = [], labelSelector }: SessionTerm) =>
		peers.selector(namespaces.length > 0 ? namespaces : [namespace], labelSelector);
	const termOf = (term: SessionTerm) => ({ tally: peers.tally([selectorOf(term)]), topology: peers.topology(term.topologyKey) });
	const claimOf = (term: SessionTerm, required: boolean, weight: number) => ({
		claim: peers.claim(selectorOf(term), peers.topology(term.topologyKey), required),
		weight,
	});
	const spreadOf = (when: "DoNotSchedule" | "ScheduleAnyway") =>
		topologySpreadConstraints
			.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when)
			.map(({ labelSelector, topologyKey, maxSkew }): Spread => ({ ...termOf({ topologyKey, labelSelector }), maxSkew }));
	const required = near?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
	const forbidden = apart?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
	const liked = near?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
	const disliked = apart?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
	const preferences = [
		...liked.map(({ weight, sessionAffinityTerm: term }) => ({ term, weight })),
		...disliked.map(({ weight, sessionAffinityTerm: term }) => ({ term, weight: -weight })),
	];
	const terms = [...required, ...forbidden, ...preferences.map(({ term }) => term), ...topologySpreadConstraints];
	peers.tellApart(terms.flatMap(({ labelSelector }) => new PeerSelector([namespace], labelSelector).labelKeys));
	const topologies = required.map(({ topologyKey }) => peers.topology(topologyKey));
	return {
		id,
		...(required.length > 0 && { affinity: { tally: peers.tally(required.map(selectorOf)), topologies } }),
		antiAffinity: forbidden.map(termOf),
		preferred: preferences.map(({ term, weight }) => ({ ...termOf(term), weight })),
		hardSpread: spreadOf("DoNotSchedule"),
		softSpread: spreadOf("ScheduleAnyway"),
		claims: [
			...forbidden.map((term) => claimOf(term, true, 1)),
			...required.map((term) => claimOf(term, false, HARD_AFFINITY_WEIGHT)),
			...preferences.map(({ term, weight }) => claimOf(term, false, weight)),
		],
	};
}

/** The session itself is among those that are counted. */
export function countsItself({ selectors }: Tally, identity: Identity): boolean {
	return selectors.every((selector) => selector.matches(identity));
}
