import type { Dispatcher } from "../../durable-objects/dispatcher/dispatcher.ts";
import type { StoredLease, StoredNode } from "../../durable-objects/dispatcher/ledger.ts";
import { isTolerated } from "../../durable-objects/dispatcher/scheduler/taints.ts";
import type { LeaseRequest } from "../../durable-objects/ports.ts";
import { WORLD_CAPACITY } from "./world-machine.ts";
import { DEDICATED } from "./world-request.ts";

/** What a dispatcher of that world must keep at every moment and does not, as a sentence. */
export function brokenPromise({ pool }: Dispatcher, now: number): string | undefined {
	const { ledger, backlog } = pool;
	const live = [...ledger.leases()].filter(({ expiresAt }) => expiresAt > now);
	for (const node of ledger.nodes()) {
		const held = live.filter((lease) => lease.node === node.name);
		const broken = brokenOn(node, held);
		if (broken !== undefined) return broken;
	}
	const queued = Array.from(ledger.queue(), ({ request }) => request.session).sort();
	const known = [...backlog.groups()].flatMap(({ waiting }) => waiting.map(({ request }) => request.session)).sort();
	return queued.join() === known.join() ? undefined : `${queued.join()} wait, and ${known.join()} are looked at`;
}

function brokenOn(node: StoredNode, held: readonly StoredLease[]): string | undefined {
	const { name } = node;
	if (isOverCommitted(held)) return `node ${name} is over-committed`;
	if (new Set(held.map(({ request }) => request.namespace)).size > 1) return `node ${name} serves two namespaces at once`;
	const alone = held.filter(({ request }) => request.isolation === "session");
	if (alone.length > 0 && held.length > 1) return `a session that is to be alone on ${name} is not`;
	const stale = held.find(({ incarnation }) => incarnation !== node.incarnation);
	if (stale) return `${stale.session} has a lease of an incarnation of ${name} that is over`;
	// A node of this world has that taint from the beginning or never.
	if (!node.taints?.some(({ key }) => key === DEDICATED.key)) return undefined;
	const unbearable = held.find(({ request }) => !isTolerated(DEDICATED, request.tolerations ?? []));
	return unbearable && `${unbearable.session} is on ${name}, whose taint it does not tolerate`;
}

function isOverCommitted(held: readonly StoredLease[]): boolean {
	const sum = (of: (request: LeaseRequest) => number) => held.reduce((total, { request }) => total + of(request), 0);
	const { cpu, memory, ephemeralStorage, slots } = WORLD_CAPACITY;
	return (
		sum(({ requests }) => requests.cpu) > cpu + 1e-6 ||
		sum(({ requests }) => requests.memory) > memory ||
		sum(({ requests }) => requests.ephemeralStorage ?? 0) > ephemeralStorage ||
		held.length > slots
	);
}
