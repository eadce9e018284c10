import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Lease, LeaseRequest, NodeJoined } from "../ports.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Ledger } from "./ledger.ts";
import { DEFAULT_CONFIG } from "./scheduler/config.ts";
import type { ContainerSettings } from "./settings.ts";

/** A dispatcher over real SQLite with a clock that is turned by hand; `restart` makes it forget what is not stored. */
export function testDispatcher(containers?: ContainerSettings) {
	const sql = memorySql();
	const clock = { now: 1_000 };
	let ids = 0;
	const id = () => `${++ids}`;
	const boot = () =>
		new Dispatcher({
			...{ ledger: new Ledger(sql), scheduler: DEFAULT_CONFIG, now: () => clock.now, id, suffix: id },
			...(containers && { containers }),
		});
	return { clock, dispatcher: boot(), restart: boot };
}

/** A machine of one core. */
export function joined(name: string, part: Partial<NodeJoined> = {}): NodeJoined {
	const capacity = { cpu: 1, memory: 1_000, slots: 10 };
	return { name, uid: `uid-${name}`, incarnation: 1, capacity, labels: {}, version: "1", os: "linux", arch: "x64", ...part };
}

export function request(session: string, cpu = 1, more: Partial<LeaseRequest> = {}): LeaseRequest {
	return { session: `default/${session}`, namespace: "default", requests: { cpu, memory: 1 }, nodeSelector: {}, ...more };
}

/** @throws Error when there is no room */
export function granted(dispatcher: Dispatcher, asked: LeaseRequest): Lease {
	const reply = dispatcher.acquire(asked);
	if (reply.state !== "granted") throw new Error(reply.message);
	return reply.lease;
}
