import { DurableObject } from "cloudflare:workers";
import type { NodeStats } from "../../containers/node/stats/protocol.ts";
import { type Answer, failure, refuse } from "../../src/api/status.ts";
import type { Env } from "../../src/env.ts";
import { clusterOf, dispatcherObjectName, lastPart, nodeObjectName, sessionObjectName } from "../names.ts";
import type { CallReply, ContainerOrder, NodeCall, NodeHeartbeat } from "../ports.ts";
import { AlarmClock } from "../store/alarm-clock.ts";
import { blobStore } from "../workspace/blob-store.ts";
import { ContainerDrive } from "./container-drive.ts";
import { NodeCredential, nameTaken, noCredential } from "./credential.ts";
import { ExecBridge } from "./exec-bridge.ts";
import { lossStep } from "./loss.ts";
import { Machine } from "./machine.ts";
import { NodeStorage } from "./node-storage.ts";
import { OpenExecs } from "./open-execs.ts";
import type { StopOrder } from "./orders.ts";
import { Reports } from "./reports.ts";
import type { Leaving } from "./rests.ts";
import { SocketLink } from "./socket-link.ts";
import { WorkspaceBlobs } from "./workspace-blobs.ts";

/** Shortest time to an alarm: one that is set to now from within an alarm may be lost (workerd#6866). */
const SOON_MS = 1;

/**
 * The link to one machine: one that joined dials in over a hibernatable socket, a container is dialled. This class owns
 * storage, the alarm, sockets and RPC; what is said over a link is {@link Machine}'s, the container {@link ContainerDrive}'s.
 */
export class NodeObject extends DurableObject<Env> {
	readonly #storage: NodeStorage;
	readonly #credential: NodeCredential;
	readonly #name: string;
	readonly #cluster: string;
	readonly #exec: ExecBridge;
	readonly #reports: Reports;
	readonly #machine: Machine;
	readonly #container: ContainerDrive;
	readonly #alarm: AlarmClock;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		const { sql } = ctx.storage;
		const cluster = clusterOf(ctx.id);
		const name = lastPart(ctx.id);
		const storage = new NodeStorage(sql);
		const bytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
		const rearm = () => this.#rearm();
		SocketLink.answerHeartbeats(ctx);
		this.#name = name;
		this.#cluster = cluster;
		this.#storage = storage;
		this.#alarm = new AlarmClock(ctx.storage);
		this.#credential = new NodeCredential({ sql, name, bytes, now: Date.now });
		this.#reports = new Reports({
			...{ name, storage, now: Date.now, random: Math.random },
			dispatcher: () => env.DISPATCHER.getByName(dispatcherObjectName(cluster)),
			wakeSession: (session) => this.#session(session).nodeReady(),
			joined: () => this.#machine.identity(),
		});
		const blobs = new WorkspaceBlobs({
			...{ sql, cluster, store: blobStore(env) },
			incarnation: () => storage.identity()?.incarnation,
			send: (frame) => this.#machine.send(frame),
		});
		this.#exec = new ExecBridge({
			ctx,
			execs: new OpenExecs({
				...{ name, storage, background: (work) => ctx.waitUntil(work) },
				tell: (session, id, end) => this.#session(session).execEnded(id, end),
				ended: (session) => this.#machine.ended(session),
				now: Date.now,
			}),
			watch: () => this.#machine.watch(),
			machine: () => this.#machine.identity(),
			allow: (session, workspace, incarnation) => {
				this.#machine.use(workspace);
				blobs.allow(session, workspace, incarnation);
			},
			send: (frame) => this.#machine.send(frame),
		});
		this.#machine = new Machine({
			...{ name, storage, reports: this.#reports, exec: this.#exec, blobs, rearm, now: Date.now },
			links: () => [...SocketLink.all(ctx), ...this.#container.links()],
			sessions: (session) => this.#session(session),
			containerLost: () => this.#container.lookNow(),
		});
		this.#container = new ContainerDrive({
			...{ name, storage, machine: this.#machine, reports: this.#reports, rearm, now: Date.now },
			container: () => env.CONTAINER?.getByName(nodeObjectName(name, cluster)),
			newKey: () => crypto.randomUUID(),
		});
		void ctx.blockConcurrencyWhile(() => this.#alarm.load());
	}

	/**
	 * The runtime's WebSocket, which bears the node's credential; or `https://node/exec?…`, a person's command, authorized by
	 * the gateway: see {@link ExecBridge.open}.
	 */
	override async fetch(request: Request): Promise<Response> {
		if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response("expected a WebSocket upgrade", { status: 426 });
		if (new URL(request.url).pathname === "/exec") {
			await this.#container.connect();
			return this.#exec.open(request);
		}
		const shown = request.headers.get("Authorization");
		if (!this.#credential.opens(shown)) return noCredential(this.#name, this.#credential.wasDeleted(shown));
		return SocketLink.accept(this.ctx);
	}

	/** Sends a call to the machine. Asked again with the same call id, the node answers and does nothing twice. */
	async call(call: NodeCall): Promise<CallReply> {
		if (this.#storage.drive()) await this.#container.connect();
		const reply = this.#machine.call(call);
		if (reply.state === "replaced") this.ctx.waitUntil(this.#reports.replaced(call.incarnation));
		// The socket may have died without a word: nothing more is to be placed here until the machine is back.
		else if (reply.state === "disconnected") this.ctx.waitUntil(this.#reports.left(call.incarnation));
		return reply;
	}

	/** Kills a running call. The order is kept until the node has obeyed it. */
	async stop(order: StopOrder): Promise<void> {
		this.#machine.stop(order);
	}

	/** Whether a person's command may still run here. */
	async hasExec(id: string): Promise<boolean> {
		if (this.#storage.drive()) await this.#container.connect();
		return this.#exec.has(id);
	}

	/** Cuts a person's command. @param cut `reason`: a sentence for the person */
	async endExec(cut: { exec: string; incarnation: number; reason: string }): Promise<void> {
		this.#exec.cut(cut);
	}

	/** The lease of a session has ended: what it left running here ends. The order is kept until the machine has obeyed it. */
	async rest(leaving: Leaving & { incarnation: number }): Promise<void> {
		if (this.#storage.drive() && !this.#machine.link()) await this.#container.connect();
		await this.#machine.rest(leaving);
	}

	/** A session is deleted: its directory goes too. @param gone `moved`: an older session says so what is {@link leave} */
	async forget(gone: Leaving & { moved?: boolean }): Promise<void> {
		if (gone.moved) this.#machine.leave(gone);
		else this.#machine.forget(gone);
	}

	/** A session has its files on another node: its directory goes, unless it comes back. @returns false when nobody can be told */
	async leave(gone: Leaving): Promise<boolean> {
		return this.#machine.leave(gone);
	}

	/** What the machine uses now; `undefined` when it is not connected, does not answer, or is too old to know. */
	async stats(): Promise<NodeStats | undefined> {
		return this.#machine.stats();
	}

	/** How the machine stands. */
	async heartbeat(): Promise<NodeHeartbeat> {
		return this.#machine.heartbeat();
	}

	/** A container is wanted under this name. Kept when this resolves; the same order again changes nothing. */
	async startContainer(order: ContainerOrder): Promise<void> {
		this.#container.order(order);
	}

	/** The container is not wanted any more. Kept when this resolves. */
	async stopContainer(_name: string): Promise<void> {
		if (this.#storage.drive()) this.#container.stop(`The node ${this.#name} was stopped, because nobody used it.`);
		else this.#container.gone();
		this.ctx.waitUntil(this.#reports.flush());
	}

	/** The container's object has seen it start or end. */
	async containerChanged(): Promise<void> {
		this.#container.lookNow();
	}

	/** A credential for a machine whose join token was redeemed. Its name is kept for it; any other machine is refused. */
	async join({ uid, credential }: { uid: string; credential?: string | undefined }): Promise<Answer<{ credential: string }>> {
		// A container shows no credential: the name is its own for as long as it is ordered.
		if (this.#storage.drive()) return refuse(failure("Conflict", nameTaken(this.#name)));
		return this.#credential.join(uid, this.#storage.identity()?.uid, credential);
	}

	/** Takes the name away from its machine. Whoever joins under it next is another node. */
	async remove(): Promise<void> {
		this.#credential.revoke();
		this.#container.stop(`The node ${this.#name} was deleted.`);
		this.#machine.evict("Deleted", `The node ${this.#name} was deleted. To have this machine back, join it again: klaw node join`);
		this.#rearm();
		this.ctx.waitUntil(this.#reports.flush());
	}

	override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
		if (this.#exec.isClient(socket)) return this.#exec.clientMessage(socket, message);
		const link = new SocketLink(this.ctx, socket);
		link.heard(Date.now());
		await this.#machine.message(link, typeof message === "string" ? message : new Uint8Array(message));
	}

	override async webSocketClose(socket: WebSocket): Promise<void> {
		if (this.#exec.isClient(socket)) return this.#exec.clientClosed(socket);
		await this.#machine.lost(new SocketLink(this.ctx, socket));
	}

	override async webSocketError(socket: WebSocket): Promise<void> {
		await this.webSocketClose(socket);
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override async alarm(): Promise<void> {
		this.#alarm.wentOff();
		try {
			this.#lookAfter();
			// Not awaited: a container that has to be asked how it is does not keep those who wait for it in the dark.
			this.ctx.waitUntil(this.#machine.lookForSilence());
			await this.#container.drive();
			await this.#reports.flush();
		} catch (error) {
			console.error(`node ${this.#name}: its alarm failed, and goes off again`, error);
		} finally {
			this.#rearm();
		}
	}

	/** Whether a joined machine that somebody waits for is lost. */
	#lookAfter(): void {
		const watch = this.#storage.watch();
		if (!watch || Date.now() < watch.at) return;
		const busy = this.#storage.busy();
		const { connected, heardAt } = this.#machine.heartbeat();
		const step = lossStep({ now: Date.now(), since: watch.since, heardAt, connected, busy });
		if (step.do === "lost") this.#machine.lose();
		else this.#storage.putWatch(step.do === "watch" ? step.watch : undefined);
	}

	/** The one alarm, at the time of the first thing that is due. With nothing to do there is none. */
	#rearm(): void {
		const due = [this.#storage.watch()?.at, this.#machine.dueAt(), this.#container.dueAt(), this.#reports.dueAt()].filter(
			(at) => at !== undefined,
		);
		this.#alarm.set(due.length === 0 ? undefined : Math.max(Math.min(...due), Date.now() + SOON_MS));
	}

	#session(session: string) {
		const [namespace = "", name = ""] = session.split("/");
		return this.env.SESSION.getByName(sessionObjectName(namespace, name, this.#cluster));
	}
}
