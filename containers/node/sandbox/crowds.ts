import type { UnixUser } from "./sandbox.ts";

export interface CrowdsOptions {
	/** Processes and threads of each user, by uid. */
	count(users: readonly UnixUser[]): ReadonlyMap<number, number>;
	kill(user: UnixUser): Promise<void>;
	/** Calls `look` after `ms`, without keeping the runtime alive for it. */
	later(look: () => void, ms: number): void;
	log(line: string): void;
}

/** Of its limit, from where on a session counts as full: a fork bomb at its limit always has a few that just died. */
const FULL = 0.9;
/** Looks in a row at which it is full. A build may touch the limit; only a bomb stays there. */
const LOOKS = 2;
const FIRST_MS = 1_000;
const LAST_MS = 15_000;

interface Watched {
	user: UnixUser;
	limit: number;
	full: number;
}

/**
 * Ends fork bombs. A session's limit keeps them small, but they go on after the call that started them, and what they
 * leave is no room for the session's own next command.
 */
export class Crowds {
	readonly #options: CrowdsOptions;
	readonly #watched = new Map<string, Watched>();
	readonly #ended = new Map<string, number>();
	#everyMs = FIRST_MS;
	#waiting = false;

	constructor(options: CrowdsOptions) {
		this.#options = options;
	}

	/** Something was started in a workspace. It is watched until nothing of its user runs. */
	watch(workspace: string, user: UnixUser, limit: number): void {
		this.#watched.set(workspace, { user, limit, full: 0 });
		this.#everyMs = FIRST_MS;
		this.#wait();
	}

	/** The limit that was reached for so long that everything was killed, if that happened since it was asked last. */
	takeEnded(workspace: string): number | undefined {
		const limit = this.#ended.get(workspace);
		this.#ended.delete(workspace);
		return limit;
	}

	forget(workspace: string): void {
		this.#watched.delete(workspace);
		this.#ended.delete(workspace);
	}

	#wait(): void {
		if (this.#waiting || this.#watched.size === 0) return;
		this.#waiting = true;
		this.#options.later(() => {
			this.#waiting = false;
			this.#look();
		}, this.#everyMs);
		this.#everyMs = Math.min(this.#everyMs * 2, LAST_MS);
	}

	#look(): void {
		const counts = this.#options.count([...this.#watched.values()].map(({ user }) => user));
		for (const [workspace, watched] of this.#watched) {
			const count = counts.get(watched.user.uid) ?? 0;
			if (count === 0) this.#watched.delete(workspace);
			watched.full = count >= watched.limit * FULL ? watched.full + 1 : 0;
			if (watched.full > 0) this.#everyMs = FIRST_MS;
			if (watched.full >= LOOKS) this.#end(workspace, watched, count);
		}
		this.#wait();
	}

	#end(workspace: string, { user, limit }: Watched, count: number): void {
		this.#watched.delete(workspace);
		this.#ended.set(workspace, limit);
		this.#options.log(
			`The session in ${workspace} stayed at its limit of ${limit} processes (it had ${count}), so all of them are killed.`,
		);
		this.#options
			.kill(user)
			.catch((error: unknown) => this.#options.log(`The processes of user ${user.uid} could not be killed: ${error}`));
	}
}
