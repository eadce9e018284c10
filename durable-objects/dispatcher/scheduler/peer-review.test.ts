import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../../ports.ts";
import { Backlog } from "./backlog.ts";
import { peerRules } from "./peer-rules.ts";
import { Peers } from "./peers.ts";
import { node, pool, request, where } from "./test-pool.ts";

const web = { labels: { app: "web", tier: "front" } };
const term = (matchLabels: Record<string, string>, topologyKey = "kubernetes.io/hostname") => ({
	topologyKey,
	labelSelector: { matchLabels },
});
const apart = (...terms: ReturnType<typeof term>[]): Partial<LeaseRequest> => ({
	affinity: { sessionAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});

describe("a request that is only looked at", () => {
	const asked = [
		request("x", apart(term({ app: "web" }), term({ tier: "front" }, "zone"))),
		request("x", { topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", ...term({ tier: "front" }) }] }),
		request("x", { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } } }),
	];
	const world = () => pool([node("a", { labels: { zone: "1" } }), node("b")], { a: [request("w", web), request("v")] });

	it.each(asked)("is told what would be decided, though nobody has asked for its labels before: %#", (one) => {
		const { node: chosen, message } = world().explain(one, 0);
		expect(chosen ?? message).toBe(where(world(), one));
	});

	it("is no reason to look at anybody else anew", () => {
		const scheduler = world();
		const { kinds } = scheduler;
		for (let n = 0; n < 5_000; n++) scheduler.explain(request("x", apart(term({ [`k${n}`]: "v" }, `t${n}`))), 0);
		scheduler.forget("default/x");
		expect(scheduler.kinds).toBe(kinds);
	});

	it("does not meet itself where it is placed", () => {
		const one = request("w", { ...web, ...apart(term({ app: "web" })) });
		const scheduler = pool([node("a")], { a: [request("w", web)] });
		expect(scheduler.explain(one, 0).node).toBe("a");
		expect(scheduler.explain({ ...one, session: "default/x" }, 0).node).toBeUndefined();
	});
});

it("many labels that are asked about for the first time are one reason to look at everybody anew", () => {
	let times = 0;
	const peers = new Peers(
		() => [],
		() => [],
		() => (times += 1),
	);
	peerRules(1, request("x", apart(...Array.from({ length: 16 }, (_, n) => term({ [`k${n}`]: "v", [`l${n}`]: "v" })))), peers);
	expect(times).toBe(1);
});

describe("a scheduler that has met terms of sessions that are gone", () => {
	/** A session with a term of its own comes and goes. */
	function pass(scheduler: ReturnType<typeof pool>, n: number) {
		const other = request("other", apart(term({ [`k${n}`]: "v" })));
		scheduler.place({ request: other, node: "a" });
		scheduler.unplace(other.session);
		scheduler.forget(other.session);
	}
	/** How often everything was begun anew; the first of the two numbers. */
	const beginnings = (scheduler: ReturnType<typeof pool>) => Number(scheduler.kinds.split(" ")[0]);

	it("forgets them before they are a thousand", () => {
		const scheduler = pool([node("a")]);
		for (let n = 0; n < 1_000; n++) pass(scheduler, n);
		expect(beginnings(scheduler)).toBeGreaterThan(0);
	});

	it("does not begin anew for the sake of terms that are in use by those who wait", () => {
		const scheduler = pool([node("a")]);
		const backlog = new Backlog(scheduler);
		for (let n = 0; n < 2_000; n++) backlog.put({ request: request(`w${n}`, apart(term({ [`w${n}`]: "v" }))), since: 0 });
		const groups = [...backlog.groups()].length;
		for (let n = 0; n < 100; n++) pass(scheduler, n);
		expect(beginnings(scheduler)).toBe(1);
		expect([...backlog.groups()]).toHaveLength(groups);
	});
});
