import { PROTOCOL_VERSION, type ToNode, type ToServer } from "../../protocol.ts";
import { type BlobHeader, decodeBlob, encodeBlob } from "../protocol.ts";
import { nameOf } from "../stored-bytes.ts";

type Question = Extract<ToServer, { type: "blob-get" }> | BlobHeader;

export interface StoreServerPorts {
	send(frame: ToNode): void;
	sendData(bytes: Uint8Array): void;
	/** Something was asked. */
	changed(): void;
}

/** The server's side of the store for tests: a map, which fails when it is told to. */
export class StoreServer {
	readonly #ports: StoreServerPorts;
	/** What is stored, by kind and name. */
	readonly stored = new Map<string, Uint8Array>();
	/** Everything that was asked, in order. */
	readonly asked: Question[] = [];
	/** What it answers instead; `silence`: nothing. */
	failure: ((question: Question) => { message: string; final: boolean } | "silence" | undefined) | undefined;

	constructor(ports: StoreServerPorts) {
		this.#ports = ports;
	}

	hearData(frame: Uint8Array): void {
		const data = decodeBlob(frame);
		if (!data) return;
		this.#answer(data.header, () => {
			if (nameOf(data.bytes) !== data.header.name) throw new Error("The name of a blob is not its SHA-256.");
			this.stored.set(`${data.header.kind}/${data.header.name}`, Uint8Array.from(data.bytes));
			this.#ports.send({ v: PROTOCOL_VERSION, type: "blob-stored", id: data.header.id, incarnation: data.header.incarnation });
		});
	}

	hear(question: Extract<ToServer, { type: "blob-get" }>): void {
		this.#answer(question, () => {
			const bytes = this.stored.get(`${question.kind}/${question.name}`);
			if (bytes) this.#ports.sendData(encodeBlob({ ...question, type: "blob" }, bytes));
			else this.#fail(question, { message: `There is no ${question.kind} ${question.name}.`, final: true });
		});
	}

	#answer(question: Question, answer: () => void): void {
		this.asked.push(question);
		const failure = this.failure?.(question);
		if (failure === undefined) answer();
		else if (failure !== "silence") this.#fail(question, failure);
		this.#ports.changed();
	}

	#fail({ id, incarnation }: Question, failure: { message: string; final: boolean }): void {
		this.#ports.send({ v: PROTOCOL_VERSION, type: "blob-failed", id, incarnation, ...failure });
	}
}
