import type { NodeTaint } from "../../containers/node/protocol.ts";
import type { NodeJoined } from "../../durable-objects/ports.ts";

/** A machine of the dispatcher's world, as it is; what the dispatcher knows of it may be older. */
export interface WorldMachine {
	name: string;
	/** 0: it has not come yet. */
	incarnation: number;
	source: "joined" | "container";
	/** Put on the node when its machine first comes. */
	taints: NodeTaint[];
	connected: boolean;
	/** Its object has said that it is lost, and it has not come back since. */
	lost: boolean;
}

/** Of every machine, and of every container that may be started. */
export const WORLD_CAPACITY = { cpu: 4, memory: 4_000, ephemeralStorage: 1_000, slots: 6 };

export function worldMachine(name: string, source: WorldMachine["source"], taints: NodeTaint[] = []): WorldMachine {
	return { name, incarnation: 0, source, taints, connected: false, lost: false };
}

/** What its object tells the dispatcher when it can be used. */
export function helloOf({ name, incarnation, source, taints }: WorldMachine): NodeJoined {
	return {
		...{ name, uid: name, incarnation, source, taints },
		...{ capacity: WORLD_CAPACITY, labels: { "kubernetes.io/hostname": name }, version: "1", os: "linux", arch: "amd64" },
	};
}
