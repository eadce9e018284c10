import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CallRecord, type JournaledCall, journaledCallSchema, type RecordFile } from "./call-record.ts";
import { errorCode, isDiskFull } from "./explain-error.ts";

/**
 * The calls of a node on its disk, a directory each. Whatever the runtime knows of a call it reads from here, so a
 * runtime that was killed at any moment is replaced by one that goes on.
 */
export class Journal {
	readonly #dir: string;
	readonly #log: (line: string) => void;

	/** @param dir is made if it is missing */
	constructor(dir: string, log: (line: string) => void) {
		this.#dir = dir;
		this.#log = log;
		// Sessions of other users pass through the directory that it is in.
		mkdirSync(dir, { recursive: true, mode: 0o700 });
	}

	/** Puts a call on record. @throws NodeJS.ErrnoException when the disk is full; then nothing may run */
	create(call: JournaledCall): CallRecord {
		try {
			return this.#create(call);
		} catch (error) {
			if (!isDiskFull(error)) throw error;
			// What was acknowledged is only kept to be safe. Without it, perhaps even the command that clears up can run.
			this.prune(0);
			return this.#create(call);
		}
	}

	#create(call: JournaledCall): CallRecord {
		const record = new CallRecord(join(this.#dir, call.callId), call);
		mkdirSync(record.dir, { recursive: true });
		record.write("call.json", JSON.stringify(call));
		return record;
	}

	/** The record of a call, unless it was never made or is pruned. */
	find(callId: string): CallRecord | undefined {
		const dir = join(this.#dir, callId);
		let text: string;
		try {
			text = readFileSync(join(dir, "call.json" satisfies RecordFile), "utf8");
		} catch (error) {
			if (errorCode(error) === "ENOENT") return undefined;
			throw error;
		}
		return new CallRecord(dir, journaledCallSchema.parse(JSON.parse(text)));
	}

	/**
	 * Every call whose result the server does not have yet. A directory without a call is one that was never accepted:
	 * nothing ran, so it goes.
	 */
	unacknowledged(): CallRecord[] {
		const records: CallRecord[] = [];
		for (const name of readdirSync(this.#dir)) {
			if (existsSync(this.#acknowledgement(name))) continue;
			try {
				const record = this.find(name);
				if (record) records.push(record);
				else rmSync(join(this.#dir, name), { recursive: true, force: true });
			} catch (error) {
				this.#log(`The call ${name} in the journal cannot be read and is left alone: ${error instanceof Error ? error.message : error}`);
			}
		}
		return records;
	}

	/** Removes the calls whose acknowledgement is older than `keepMs`. */
	prune(keepMs: number): void {
		for (const name of readdirSync(this.#dir)) {
			const acknowledgedAt = statSync(this.#acknowledgement(name), { throwIfNoEntry: false })?.mtimeMs;
			if (acknowledgedAt !== undefined && Date.now() - acknowledgedAt >= keepMs)
				rmSync(join(this.#dir, name), { recursive: true, force: true });
		}
	}

	#acknowledgement(callId: string): string {
		return join(this.#dir, callId, "acknowledged" satisfies RecordFile);
	}
}
