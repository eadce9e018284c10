import { describe, expect, it, vi } from "vitest";
import { granted, joined, request, testDispatcher } from "./test-dispatcher.ts";

const sessions = (leases: readonly { session: string }[]) => leases.map(({ session }) => session);

describe("changes that are made together", () => {
	it("have the queue looked through once, after the last: the most urgent goes first, whoever came first", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("a"));
		const { session, id } = granted(dispatcher, request("s1"));
		dispatcher.acquire(request("patient"));
		const urgent = request("urgent", 1, { priority: 10 });
		const asked = dispatcher.together(() => {
			dispatcher.release({ session, lease: id });
			return dispatcher.ask(urgent);
		});
		expect(dispatcher.answer(urgent, asked)).toMatchObject({ state: "granted" });
		expect(sessions(dispatcher.pool.untold())).toEqual([]);
	});

	it("leave the queue alone until it is settled when they are held", () => {
		const { dispatcher } = testDispatcher();
		for (const session of ["s1", "s2", "s3"]) dispatcher.acquire(request(session));
		dispatcher.hold(() => {
			for (const name of ["a", "b"]) dispatcher.nodes.joined(joined(name));
		});
		expect([dispatcher.isStale(), sessions(dispatcher.pool.untold())]).toEqual([true, []]);
		dispatcher.settle();
		expect([dispatcher.isStale(), sessions(dispatcher.pool.untold())]).toEqual([false, ["default/s1", "default/s2"]]);
	});
});

describe("a look for room at the cost of lower priorities", () => {
	const full = () => {
		const world = testDispatcher();
		for (const name of ["a", "b"]) world.dispatcher.nodes.joined(joined(name));
		const important = granted(world.dispatcher, request("important", 0.8, { priority: 100 }));
		granted(world.dispatcher, request("small", 0.2));
		granted(world.dispatcher, request("other", 0.8, { priority: 100 }));
		granted(world.dispatcher, request("little", 0.2));
		const look = vi.spyOn(world.dispatcher.pool.scheduler, "preempt");
		return { ...world, important, look };
	};
	const high = (session: string) => request(session, 1, { priority: 50 });

	it("that found nothing is not repeated while nothing has changed for the better", () => {
		const { dispatcher, look } = full();
		for (const session of ["h1", "h2", "h3"]) dispatcher.acquire(high(session));
		for (let pass = 0; pass < 5; pass++) dispatcher.dispatch();
		expect(look).toHaveBeenCalledTimes(1);
	});

	it("goes on where a lease was given back, and there alone", () => {
		const { dispatcher, look, important } = full();
		dispatcher.acquire(high("h1"));
		look.mockClear();
		dispatcher.release({ session: important.session, lease: important.id });
		expect(look.mock.calls.map(([, , only]) => only)).toEqual([[important.node]]);
		expect(sessions(dispatcher.pool.recalls())).toEqual(["default/small"]);
	});

	it("is taken by so many at a time, and the rest have theirs soon after", () => {
		const { dispatcher, clock, look } = full();
		dispatcher.hold(() => {
			for (let index = 0; index < 40; index++) dispatcher.acquire(request(`h${index}`, 0.5 + index / 100, { priority: 50 }));
		});
		dispatcher.settle();
		const first = look.mock.calls.length;
		expect(first).toBeLessThan(40);
		for (let pass = 0; pass < 5 && look.mock.calls.length < 40; pass++) {
			clock.now = dispatcher.dueAt() ?? 0;
			dispatcher.tick();
		}
		expect(look).toHaveBeenCalledTimes(40);
	});
});

describe("a release that names no lease", () => {
	it("ends the wait, and a lease that was given since is kept while its session is asked whether it wants it", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.acquire(request("s1"));
		dispatcher.nodes.joined(joined("a"));
		const lease = granted(dispatcher, request("s1"));
		dispatcher.release({ session: lease.session });
		expect(dispatcher.pool.untold()).toMatchObject([{ id: lease.id }]);
		dispatcher.acquire(request("s2"));
		dispatcher.release({ session: "default/s2" });
		expect(dispatcher.pool.ledger.queueLength()).toBe(0);
	});

	it("of a session that is deleted takes whatever lease it has", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("a"));
		const { session } = granted(dispatcher, request("s1"));
		dispatcher.release({ session, forget: true });
		expect(dispatcher.pool.ledger.leaseCount()).toBe(0);
	});
});
