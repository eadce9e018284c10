import type { ToServer } from "../protocol.ts";

export type ExecEnd = Omit<Extract<ToServer, { type: "exec-exit" }>, "v" | "type" | "id" | "incarnation">;

/** So many are remembered: more than end while a server is away. */
const REMEMBERED = 100;

/** How commands of people ended: a word that a broken connection took with it is said again, as it was. */
export class Ends {
	readonly #ends = new Map<string, { end: ExecEnd; heard: boolean }>();

	add(id: string, end: ExecEnd): void {
		this.#ends.set(id, { end, heard: false });
		for (const oldest of this.#ends.keys()) {
			if (this.#ends.size <= REMEMBERED) break;
			this.#ends.delete(oldest);
		}
	}

	get(id: string): ExecEnd | undefined {
		return this.#ends.get(id)?.end;
	}

	/** The server has it. */
	heard(id: string): void {
		const known = this.#ends.get(id);
		if (known) known.heard = true;
	}

	/** Those that the server may not have, oldest first. */
	owed(): { id: string; end: ExecEnd }[] {
		return [...this.#ends].flatMap(([id, { end, heard }]) => (heard ? [] : [{ id, end }]));
	}
}
