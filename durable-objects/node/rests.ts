import type { Orders } from "./orders.ts";

/** A session's lease has ended, or it has its files on another node. */
export interface Leaving {
	/** The same each time it is said; absent: an older session does not say. */
	id?: string;
	session: string;
	workspace: string;
}

/** Whoever gives a lease back waits so long for the machine's word: longer than a process that ignores SIGTERM lives. */
const PATIENCE_MS = 5_000;
/** So many are known again: a message that was late must not end what a later lease has begun. */
const REMEMBERED = 1_000;

interface Waiting {
	over: Promise<void>;
	end(): void;
}

/** Workspaces that sessions leave: what ran in them is to end. */
export class Rests {
	readonly #orders: Orders;
	readonly #waiting = new Map<string, Waiting>();
	readonly #known = new Set<string>();

	constructor(orders: Orders) {
		this.#orders = orders;
	}

	/** Whether it is said for the first time, as far as memory goes. */
	isNew({ id, workspace }: Leaving): boolean {
		if (id === undefined) return true;
		// Another session may say it under the same id.
		const said = `${workspace} ${id}`;
		if (this.#known.has(said)) return false;
		this.#known.add(said);
		for (const oldest of this.#known) {
			if (this.#known.size <= REMEMBERED) break;
			this.#known.delete(oldest);
		}
		return true;
	}

	/**
	 * Resolves when the machine has obeyed, or is away, or takes its time: the order is kept until it has.
	 *
	 * @param held something of the session is still under way there: it is said when that is over
	 */
	async order(leaving: Leaving, incarnation: number, held: boolean): Promise<void> {
		const waiting = this.#waiting.get(leaving.workspace) ?? this.#wait(leaving.workspace);
		if (!this.#orders.rest(leaving, incarnation, held) && !held) waiting.end();
		await waiting.over;
	}

	/** One that was said already is waited for like the first. */
	async again({ workspace }: Leaving): Promise<void> {
		await this.#waiting.get(workspace)?.over;
	}

	/** Nothing runs in the workspace any more. */
	rested(workspace: string): void {
		this.#orders.rested(workspace);
		this.#waiting.get(workspace)?.end();
	}

	/** The session is there again, and what it left is its own. */
	use(workspace: string): void {
		this.#orders.keep(workspace);
		this.#waiting.get(workspace)?.end();
	}

	#wait(workspace: string): Waiting {
		const { promise: over, resolve } = Promise.withResolvers<void>();
		const end = () => {
			clearTimeout(timer);
			this.#waiting.delete(workspace);
			resolve();
		};
		const timer = setTimeout(end, PATIENCE_MS);
		const waiting = { over, end };
		this.#waiting.set(workspace, waiting);
		return waiting;
	}
}
