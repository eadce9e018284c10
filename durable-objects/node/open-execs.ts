import type { ExecEnd } from "../session/execs.ts";
import type { EndedExec, NodeStorage } from "./node-storage.ts";

export interface OpenExecsPorts {
	/** Of the node. */
	name: string;
	storage: NodeStorage;
	/** Tells a session that a command has ended. May be said twice. */
	tell(session: string, id: string, end: ExecEnd): Promise<void>;
	/** Something of a session has ended here. */
	ended(session: string): void;
	now(): number;
	/** Lets this object live until the work is done. */
	background(work: Promise<void>): void;
}

/**
 * The commands of people that this machine was given. Each holds its session's lease, so what is known of it is kept, and
 * its end is told until it was heard: a session that hears nothing asks ({@link OpenExecs.has}), and is told again.
 */
export class OpenExecs {
	readonly #ports: OpenExecsPorts;

	constructor(ports: OpenExecsPorts) {
		this.#ports = ports;
	}

	/** Its session has ended it, which is remembered: it may still be on its way here. @param reason a sentence for the person */
	cut(id: string, reason: string): void {
		const { storage, ended, now } = this.#ports;
		storage.cutExec(id, reason, now());
		const session = storage.execs().find((exec) => exec.id === id)?.session;
		// Its session holds no lease for it any more, and waits for no word of it.
		storage.execTold(id);
		if (session !== undefined) ended(session);
	}

	/** Why its session has ended it; absent: it has not. */
	cutReason(id: string): string | undefined {
		return this.#ports.storage.execCut(id);
	}

	/** @returns false when it was opened before: nothing runs twice */
	open(exec: { id: string; session: string; incarnation: number }): boolean {
		if (this.#knows(exec.id)) return false;
		this.#ports.storage.exec(exec);
		return true;
	}

	runs(id: string): boolean {
		return this.#ports.storage.execs().some((exec) => exec.id === id);
	}

	/** Whether its session is yet to hear of its end. */
	has(id: string): boolean {
		if (!this.#knows(id)) return false;
		if (!this.runs(id)) this.tell();
		return true;
	}

	end(id: string, end: Omit<EndedExec["end"], "lost"> = {}): void {
		const { storage, ended } = this.#ports;
		const session = storage.execs().find((exec) => exec.id === id)?.session;
		storage.endExec(id, end);
		this.tell();
		if (session !== undefined) ended(session);
	}

	/** Tells sessions of what has ended. */
	tell(): void {
		const { name, storage, tell, background } = this.#ports;
		for (const { id, session, incarnation, end } of storage.endedExecs()) {
			const { lost, checkpoint, epoch, ...rest } = end;
			const place = { node: name, incarnation };
			const made = checkpoint && epoch !== undefined ? { ...place, epoch, checkpoint } : undefined;
			const told = tell(session, id, { ...rest, ...(made && { made }), ...(lost && { lost: place }) }).then(
				() => storage.execTold(id),
				(error: unknown) => console.warn(`node ${name}: a session could not be told that a person's command has ended`, error),
			);
			background(told);
		}
	}

	#knows(id: string): boolean {
		const { storage } = this.#ports;
		return [...storage.execs(), ...storage.endedExecs()].some((exec) => exec.id === id);
	}
}
