import { shownBytes } from "../checkpoint/ceiling.ts";

export interface DiskLimitsOptions {
	/** Bytes that a session has on the disk now. */
	use(): Promise<number>;
	/** Bytes that it may have. */
	limit(): Promise<number>;
	/** Ends what runs of it. */
	quiet(): Promise<void>;
}

/** A call while it runs. */
export interface DiskWatch {
	/** The call has ended. @returns what its result says of the disk, if anything: sentences */
	end(): Promise<string | undefined>;
	/** Nobody looks for it any more. */
	leave(): void;
}

interface Session {
	options: DiskLimitsOptions;
	/** Stops of the calls that run. */
	readonly running: Set<(why: string) => void>;
	/** As of the last look. */
	bytes: number;
	limit: number;
	lookedAt: number;
	look?: Promise<void> | undefined;
	timer?: NodeJS.Timeout | undefined;
}

/** Between two looks at the disk of a session. Each looks at every file. */
const EVERY_MS = 10_000;

/**
 * Keeps a session from filling the disk of everyone on its node, as far as looking every 10 s can: RLIMIT_FSIZE is about one
 * file, and quotas of file systems are rarely there. What holds:
 *
 * - While a call that may change something runs, and at its end, the session's files are counted, at most every 10 s.
 * - Between calls nobody looks: what writes on in the background is seen, and ended, with the next call.
 * - A call that is found to have made a session pass its limit, or to have made it pass it by more, is stopped, and
 *   everything else that the session runs is killed. What a fast writer gets onto the disk in 10 s is there.
 * - While the session is over its limit, each of its results says so, and what a call leaves running is killed at its end. No
 *   command is refused, and one that makes it less runs to its end: that is how the session gets below.
 * - Counted are the workspace, with what checkpoints ignore, and the session's TMPDIR; files that it puts elsewhere (/dev/shm,
 *   the machine's /tmp) are not, nor is what a look does not get to (see `diskUse`).
 */
export class DiskLimits {
	readonly #sessions = new Map<string, Session>();
	readonly #everyMs: number;
	readonly #clock: () => number;

	constructor(everyMs = EVERY_MS, clock = () => performance.now()) {
		this.#everyMs = everyMs;
		this.#clock = clock;
	}

	/** @param stop ends the call; `why` goes into its result */
	watch(workspace: string, options: DiskLimitsOptions, stop: (why: string) => void): DiskWatch {
		for (const [name, idle] of this.#sessions)
			if (idle.running.size === 0 && !isOver(idle) && this.#isDue(idle)) this.#sessions.delete(name);
		const known = this.#sessions.get(workspace);
		const session = known ?? { options, running: new Set(), bytes: 0, limit: 0, lookedAt: Number.NEGATIVE_INFINITY };
		// The limit is that of the last call.
		session.options = options;
		this.#sessions.set(workspace, session);
		// One of its own, since two calls may be stopped by the same function.
		const own = (why: string) => stop(why);
		session.running.add(own);
		this.#wait(session);
		const leave = () => {
			session.running.delete(own);
			if (session.running.size > 0) return;
			clearTimeout(session.timer);
			session.timer = undefined;
		};
		return {
			leave,
			end: async () => {
				session.running.delete(own);
				if (isOver(session) || this.#isDue(session)) await this.#look(session);
				const over = isOver(session);
				if (over && session.running.size === 0) await session.options.quiet();
				leave();
				return over ? said(session) : undefined;
			},
		};
	}

	#isDue({ lookedAt }: Session): boolean {
		return this.#clock() - lookedAt >= this.#everyMs;
	}

	#wait(session: Session): void {
		if (session.timer !== undefined) return;
		const look = () => {
			session.timer = undefined;
			// A look that fails (the workspace is going) is made again.
			this.#look(session)
				.catch(() => undefined)
				.finally(() => session.running.size > 0 && this.#wait(session));
		};
		session.timer = setTimeout(look, this.#everyMs).unref();
	}

	#look(session: Session): Promise<void> {
		session.look ??= this.#count(session).finally(() => {
			session.look = undefined;
		});
		return session.look;
	}

	async #count(session: Session): Promise<void> {
		const { use, limit } = session.options;
		const before = session.bytes;
		[session.bytes, session.limit] = await Promise.all([use(), limit()]);
		session.lookedAt = this.#clock();
		if (!isOver(session) || session.bytes <= before || session.running.size === 0) return;
		for (const stop of session.running)
			stop(`its session uses ${shownBytes(session.bytes)} of the disk, and may use ${shownBytes(session.limit)}`);
		await session.options.quiet();
	}
}

function isOver({ bytes, limit }: Session): boolean {
	return bytes > limit;
}

function said({ bytes, limit }: Session): string {
	return `This session uses ${shownBytes(bytes)} of the node's disk, over its limit of ${shownBytes(limit)}, so nothing of it is left running in the background. Delete what is not needed (node_modules and other directories that no checkpoint has count too): until then, a command that makes it more is stopped.`;
}
