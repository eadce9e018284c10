import type { NodeHeartbeat, NodeRecord } from "../ports.ts";

/** Kubelets report every 10 s; what is older is asked for when somebody looks. */
const FRESH_MS = 10_000;
/** More nodes than this are not asked one by one for a listing: what they said last is shown. */
const ASKED_AT_ONCE = 200;
/** A node's object that does not answer in this time does not hold up a listing. */
const ANSWER_MS = 2_000;

export interface HeartbeatsPorts {
	ask(name: string): Promise<NodeHeartbeat>;
	now(): number;
}

/**
 * When each machine was last heard of. Heartbeats end at the node's object and wake nobody, so they are asked for when
 * somebody wants to see them, and kept in memory only.
 */
export class Heartbeats {
	readonly #ports: HeartbeatsPorts;
	readonly #heardAt = new Map<string, number>();
	#asked = 0;

	constructor(ports: HeartbeatsPorts) {
		this.#ports = ports;
	}

	heard(name: string): void {
		this.#heardAt.set(name, this.#ports.now());
	}

	/** Asks the machines that are Ready. Never rejects. */
	async refresh(records: readonly NodeRecord[]): Promise<void> {
		const now = this.#ports.now();
		const ready = records.filter(({ ready }) => ready);
		if (now - this.#asked < FRESH_MS || ready.length > ASKED_AT_ONCE) return;
		this.#asked = now;
		await Promise.all(ready.map(({ name }) => this.#ask(name)));
	}

	shown(records: readonly NodeRecord[]): NodeRecord[] {
		return records.map((record) => ({ ...record, heardAt: this.heardAt(record) }));
	}

	heardAt({ name, heardAt }: Pick<NodeRecord, "name" | "heardAt">): number | undefined {
		return this.#heardAt.get(name) ?? heardAt;
	}

	async #ask(name: string): Promise<void> {
		let timer: ReturnType<typeof setTimeout> | undefined;
		try {
			const late = new Promise<undefined>((resolve) => {
				timer = setTimeout(() => resolve(undefined), ANSWER_MS);
			});
			const answer = await Promise.race([this.#ports.ask(name), late]);
			if (answer && answer.heardAt > 0) this.#heardAt.set(name, answer.heardAt);
		} catch {
			// What it said last is shown.
		} finally {
			clearTimeout(timer);
		}
	}
}
