import { PROTOCOL_VERSION, type ToNode } from "../../containers/node/protocol.ts";
import type { NodeStats } from "../../containers/node/stats/protocol.ts";

/** A node that has more to do than to answer in this time is left out of `kubectl top`. */
const ANSWER_MS = 5_000;

/** Questions to a machine about what it uses, each waiting for its answer. */
export class StatsQuestions {
	readonly #waiting = new Map<string, (stats: NodeStats | undefined) => void>();

	/** @param send `false` when nothing could be sent. Resolves with `undefined` when no answer comes. */
	ask(incarnation: number, send: (frame: ToNode) => boolean): Promise<NodeStats | undefined> {
		const id = crypto.randomUUID();
		return new Promise((resolve) => {
			const timer = setTimeout(() => this.answer(id, undefined), ANSWER_MS);
			this.#waiting.set(id, (stats) => {
				clearTimeout(timer);
				resolve(stats);
			});
			if (!send({ v: PROTOCOL_VERSION, id, incarnation, type: "stats" })) this.answer(id, undefined);
		});
	}

	answer(id: string, stats: NodeStats | undefined): void {
		const resolve = this.#waiting.get(id);
		this.#waiting.delete(id);
		resolve?.(stats);
	}
}
