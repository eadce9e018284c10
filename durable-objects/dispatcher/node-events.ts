/** What happens to nodes, as Kubernetes tells of it: events of the objects, in the namespace `default`. */
import type { NodeNotice } from "../ports.ts";
import { withoutMiddle } from "./without-middle.ts";

/** Who it happened to. */
export interface NodeRef {
	name: string;
	uid: string;
}

/** So many different events wait to be told at most; beyond that the oldest are dropped, since events are hints. */
const WAITING = 500;
/** Characters of a message; Kubernetes allows 1,024. */
const LONGEST = 1_000;

/**
 * Events of nodes that are yet to be told. The words are those of Kubernetes' node controller and kubelet. They are told
 * after the change that they are about, in one go however many there are, and what happens again is counted.
 */
export class NodeEvents {
	readonly #waiting = new Map<string, NodeNotice>();
	#telling = false;

	registered(node: NodeRef): void {
		this.#add(node, "Normal", "RegisteredNode", `Node ${node.name} event: Registered Node ${node.name} in Controller`);
	}

	removing(node: NodeRef): void {
		this.#add(node, "Normal", "RemovingNode", `Node ${node.name} event: Removing Node ${node.name} from Controller`);
	}

	status(node: NodeRef, status: "NodeReady" | "NodeNotReady" | "NodeSchedulable" | "NodeNotSchedulable"): void {
		this.#add(node, "Normal", status, `Node ${node.name} status is now: ${status}`);
	}

	/** Without the boot id, which Kubernetes names: each would be another event, and the machine makes them up. */
	rebooted(node: NodeRef): void {
		this.#add(node, "Warning", "Rebooted", `Node ${node.name} has been rebooted`);
	}

	/** @param message a sentence */
	lost(node: NodeRef, message: string): void {
		this.#add(node, "Warning", "NodeLost", message);
	}

	/** A container is ordered for the node. */
	starting(node: NodeRef): void {
		this.#add(node, "Normal", "Starting", "Starting container.");
	}

	/** @param why a sentence */
	stopping(node: NodeRef, why: string): void {
		this.#add(node, "Normal", "Stopping", why);
	}

	/** No container could be started under the node's name. @param why a sentence */
	failedToStart(node: NodeRef, why: string): void {
		this.#add(node, "Warning", "FailedToStart", `The container could not be started: ${why}`);
	}

	/**
	 * Tells what waits, one message at a time: what happens meanwhile goes with the next. What cannot be told goes with what
	 * happens next. Never rejects.
	 */
	async tell(send: (notices: NodeNotice[]) => Promise<void>, failed: (error: unknown) => void): Promise<void> {
		if (this.#telling) return;
		this.#telling = true;
		try {
			while (!this.isEmpty()) {
				const notices = this.take();
				try {
					await send(notices);
				} catch (error) {
					this.putBack(notices);
					failed(error);
					return;
				}
			}
		} finally {
			this.#telling = false;
		}
	}

	/** What is to be told. Each is returned once. */
	take(): NodeNotice[] {
		const notices = [...this.#waiting.values()];
		this.#waiting.clear();
		return notices;
	}

	/** They could not be told: they wait for the next time. */
	putBack(notices: readonly NodeNotice[]): void {
		const since = this.take();
		for (const notice of [...notices, ...since]) this.#keep(notice);
	}

	/** What they tell of was never written. */
	clear(): void {
		this.#waiting.clear();
	}

	isEmpty(): boolean {
		return this.#waiting.size === 0;
	}

	#add({ name, uid }: NodeRef, type: NodeNotice["type"], reason: string, message: string): void {
		this.#keep({ node: name, uid, type, reason, message: withoutMiddle(message, LONGEST), count: 1 });
	}

	#keep(notice: NodeNotice): void {
		const key = JSON.stringify([notice.uid, notice.node, notice.reason, notice.message]);
		const known = this.#waiting.get(key);
		// What has happened last is told last.
		this.#waiting.delete(key);
		this.#waiting.set(key, known ? { ...notice, count: known.count + notice.count } : notice);
		for (const oldest of this.#waiting.keys()) {
			if (this.#waiting.size <= WAITING) return;
			this.#waiting.delete(oldest);
		}
	}
}
