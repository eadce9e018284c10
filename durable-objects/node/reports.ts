import { backoffMs } from "../../containers/node/backoff.ts";
import type { NodeJoined } from "../ports.ts";
import type { NodeIdentity } from "./admission.ts";
import type { NodeStorage } from "./node-storage.ts";

/** What the dispatcher is told of a node. */
export interface NodeDispatcher {
	nodeJoined(node: NodeJoined): Promise<void>;
	/** The connection is gone. */
	nodeLeft(name: string, incarnation: number): Promise<void>;
	/** Nothing was heard for too long, or it was rebooted: that incarnation is over, and the machine may come back as the next. */
	nodeLost(name: string, incarnation: number, next: number, rebooted?: boolean): Promise<void>;
	/** The machine is gone for good. */
	nodeReplaced(name: string, incarnation: number): Promise<void>;
	/** No container could be started under this name. */
	containerFailed(name: string, failure: { message: string; final: boolean }): Promise<void>;
}

/** What must be heard, in this order, however long it takes. `joined` is said of the machine as it is then. */
export type Report =
	| { type: "joined" }
	| { type: "lost"; incarnation: number; next: number; rebooted?: true }
	| { type: "replaced"; incarnation: number }
	| { type: "failed"; message: string; final: boolean };

export interface ReportsPorts {
	name: string;
	storage: NodeStorage;
	dispatcher(): NodeDispatcher;
	/** Wakes a session that waits for this node. */
	wakeSession(session: string): Promise<void>;
	/** The machine that can be used now. */
	joined(): NodeIdentity | undefined;
	now(): number;
	random(): number;
}

const AGAIN_FIRST_MS = 1_000;
const AGAIN_MAX_MS = 60_000;

/** What others must be told, until they have heard it. */
export class Reports {
	readonly #ports: ReportsPorts;
	#failures = 0;
	/** When it is to be said, once that was asked: it stays so until it was tried. */
	#dueAt: number | undefined;
	#telling: Promise<void> | undefined;

	constructor(ports: ReportsPorts) {
		this.#ports = ports;
	}

	/** Kept until it was heard; {@link Reports.flush} says it. */
	add(report: Report): void {
		this.#ports.storage.report(report);
	}

	/** When {@link Reports.flush} is to be called; `undefined`: everybody was told. */
	dueAt(): number | undefined {
		const { storage, now } = this.#ports;
		if (storage.reports().length === 0 && !(this.#failures > 0 && storage.waiting().length > 0)) return undefined;
		this.#dueAt ??= now() + AGAIN_FIRST_MS;
		return this.#dueAt;
	}

	/** Best effort: a node that is wrongly taken for ready costs a session one more question. */
	async left(incarnation: number): Promise<void> {
		const { name, dispatcher, joined } = this.#ports;
		try {
			await dispatcher().nodeLeft(name, incarnation);
			// The machine may have come back while this was on its way.
			if (joined()?.incarnation !== incarnation) return;
			this.add({ type: "joined" });
			await this.flush();
		} catch (error) {
			console.warn(`node ${name}: the dispatcher could not be told that it left`, error);
		}
	}

	/** Best effort, and said again with every call for that machine: a dispatcher that missed its end would lease it for ever. */
	async replaced(incarnation: number): Promise<void> {
		const { name, dispatcher } = this.#ports;
		try {
			await dispatcher().nodeReplaced(name, incarnation);
		} catch (error) {
			console.warn(`node ${name}: the dispatcher could not be told that a machine is gone`, error);
		}
	}

	/** Tells all that is to be told, as far as it gets. Never rejects. */
	async flush(): Promise<void> {
		// One at a time: what is said must be heard in order.
		while (this.#telling) await this.#telling;
		this.#telling = this.#tell().finally(() => {
			this.#telling = undefined;
		});
		return this.#telling;
	}

	async #tell(): Promise<void> {
		const { name, storage, now, random } = this.#ports;
		try {
			for (const { id, report } of storage.reports()) {
				await this.#say(report);
				storage.reported(id);
			}
			await this.#wakeSessions();
			this.#failures = 0;
			this.#dueAt = undefined;
		} catch (error) {
			this.#failures += 1;
			console.warn(`node ${name}: somebody could not be told, will try again`, error);
			this.#dueAt = now() + AGAIN_FIRST_MS + backoffMs(this.#failures, AGAIN_FIRST_MS, AGAIN_MAX_MS, random);
		}
	}

	async #say(report: Report): Promise<void> {
		const { name, dispatcher, joined } = this.#ports;
		switch (report.type) {
			case "joined": {
				const identity = joined();
				return identity && dispatcher().nodeJoined(identity);
			}
			case "lost":
				return dispatcher().nodeLost(name, report.incarnation, report.next, report.rebooted);
			case "replaced":
				return dispatcher().nodeReplaced(name, report.incarnation);
			case "failed":
				return dispatcher().containerFailed(name, { message: report.message, final: report.final });
		}
	}

	/** One that cannot be told does not keep the others waiting. @throws the last error */
	async #wakeSessions(): Promise<void> {
		const { storage, wakeSession } = this.#ports;
		const told = await Promise.allSettled(
			storage.waiting().map(async (session) => {
				// Taken off first: once woken it asks for the machine at once, and may have to wait for it again.
				storage.stopWaiting(session);
				try {
					await wakeSession(session);
				} catch (error) {
					storage.wait(session);
					throw error;
				}
			}),
		);
		const failed = told.find((result) => result.status === "rejected");
		if (failed) throw failed.reason;
	}
}
