import { DatabaseSync } from "node:sqlite";
import type { Strategy } from "../../durable-objects/store/decision.ts";
import type { Admission } from "../../durable-objects/store/owner.ts";
import { type HostPorts, ResourceHost } from "../../durable-objects/store/resource-host.ts";
import { CHANGES, RESOURCES } from "../../durable-objects/store/tables.ts";
import { Authorizer } from "../../src/api/rbac/authorizer.ts";
import type { ApiReply, ApiRequest, Caller, WatchRequest } from "../../src/api/request.ts";
import { unwrap } from "../../src/api/status.ts";
import { KINDS } from "../../src/resources/registry.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { seededRandom } from "./random.ts";

export const ADMIN: Caller = { user: "admin", groups: ["system:masters"] };

// biome-ignore lint/suspicious/noExplicitAny: objects under test are looked at as they come.
export type Loose = any;

/** The resources of a namespace over a real SQLite in memory, for tests outside workerd. */
export class MemoryHost {
	readonly database = new DatabaseSync(":memory:");
	now = Date.UTC(2026, 10, 22, 8);
	admit: (write: Admission) => void = () => undefined;
	strategies: Record<string, Strategy> = {};
	host: ResourceHost;
	#uid = 0;

	constructor() {
		this.database.exec(`CREATE TABLE _meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID; ${RESOURCES} ${CHANGES}`);
		this.host = this.#open();
	}

	/** As after the object was evicted: what is in memory is gone. */
	reopen(): void {
		this.host = this.#open();
	}

	/** A request of an administrator about ConfigMaps, unless it says otherwise. */
	ask(request: Partial<ApiRequest> & { verb: ApiRequest["verb"] }, plural = "configmaps", group = ""): ApiReply {
		const write = { dryRun: false, fieldManager: "test", fieldValidation: "Warn", ...("write" in request ? request.write : {}) };
		const deletion = { dryRun: false, ...("delete" in request ? request.delete : {}) };
		const full = {
			caller: ADMIN,
			namespace: "a",
			resource: { group, version: "v1", plural },
			list: {},
			...request,
			write,
			delete: deletion,
		};
		return unwrap(this.host.serve(full as ApiRequest));
	}

	/** The object of an answer. */
	object(request: Partial<ApiRequest> & { verb: ApiRequest["verb"] }, plural?: string, group?: string): Loose {
		const reply = this.ask(request, plural, group);
		if (reply.type !== "object") throw new Error(`no object: ${JSON.stringify(reply)}`);
		return reply.object;
	}

	configMap(name: string, data: Record<string, string> = {}, metadata: Partial<BaseResource["metadata"]> = {}): Loose {
		return this.object({ verb: "create", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data } });
	}

	watch(options: Partial<WatchRequest["watch"]> = {}, plural = "configmaps", signal = new AbortController().signal): Response {
		const watch = { allowWatchBookmarks: false, sendInitialEvents: false, ...options };
		return this.host.watch(
			{ caller: ADMIN, namespace: "a", resource: { group: "", version: "v1", plural }, watch, as: "Object", includeObject: "Metadata" },
			signal,
		);
	}

	#open(): ResourceHost {
		const { database } = this;
		const sql = {
			exec(query: string, ...bindings: unknown[]) {
				const rows = database.prepare(query).all(...(bindings as (string | number | null)[]));
				return { toArray: () => rows };
			},
		};
		const storage = {
			sql,
			transactionSync<T>(write: () => T): T {
				database.exec("SAVEPOINT together");
				try {
					const value = write();
					database.exec("RELEASE together");
					return value;
				} catch (error) {
					database.exec("ROLLBACK TO together; RELEASE together");
					throw error;
				}
			},
			sync: () => Promise.resolve(),
		};
		const authorizer = new Authorizer({ version: 0, clusterRoles: {}, clusterRoleBindings: [] });
		return new ResourceHost({
			storage: storage as HostPorts<never>["storage"],
			namespace: "a",
			kinds: KINDS,
			strategy: (plural) => this.strategies[plural],
			prepare: (_kind, body) => body,
			mutate: () => undefined,
			admit: (write) => this.admit(write),
			authorizer: () => authorizer,
			apply: () => undefined,
			follow: () => [],
			rolledBack: () => undefined,
			committed: () => undefined,
			system: ADMIN,
			now: () => this.now,
			uid: () => `uid-${++this.#uid}`,
			random: seededRandom(1),
		});
	}
}

/** The events of a watch, one after the other. */
export async function* eventsOf(response: Response): AsyncGenerator<Loose, void, undefined> {
	let rest = "";
	const decoder = new TextDecoder();
	for await (const chunk of response.body ?? []) {
		rest += decoder.decode(chunk, { stream: true });
		const lines = rest.split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) yield JSON.parse(line);
	}
}
