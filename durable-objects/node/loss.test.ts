import { describe, expect, it } from "vitest";
import { NODE_LOST_MS } from "../ports.ts";
import { lossStep, OVERSLEPT_MS, watchFrom } from "./loss.ts";

const at = 1_000_000;

describe("a joined machine that is waited for", () => {
	it("is lost 40 s after it was last heard, and not before", () => {
		const heardAt = at - NODE_LOST_MS;
		expect(lossStep({ now: at, since: 0, heardAt, connected: false, busy: true })).toEqual({ do: "lost" });
		expect(lossStep({ now: at - 1, since: 0, heardAt, connected: false, busy: true })).toMatchObject({ do: "watch" });
	});

	it("is waited for as long from the first question, when nothing is known of it", () => {
		const { since } = watchFrom(at);
		expect(lossStep({ now: at + 1_000, since, heardAt: 0, connected: false, busy: false })).toMatchObject({ do: "watch" });
		expect(lossStep({ now: at + NODE_LOST_MS, since, heardAt: 0, connected: false, busy: false })).toEqual({ do: "lost" });
	});

	it("is not lost because this side slept: an alarm that comes far too late begins the wait anew", () => {
		const now = at + NODE_LOST_MS + OVERSLEPT_MS + 1;
		expect(lossStep({ now, since: at, heardAt: at, connected: false, busy: true })).toEqual({ do: "watch", watch: watchFrom(now) });
	});

	it("is looked at within a minute while it has calls", () => {
		const step = lossStep({ now: at, since: 0, heardAt: at - 100, connected: true, busy: true });
		expect(step).toMatchObject({ do: "watch", watch: { at: at - 100 + NODE_LOST_MS } });
	});

	it("needs no alarm when it is there and has nothing to do", () => {
		expect(lossStep({ now: at, since: 0, heardAt: at - 5_000, connected: true, busy: false })).toEqual({ do: "rest" });
	});
});
