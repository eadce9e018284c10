import { Authorizer } from "../../src/api/rbac/authorizer.ts";
import type { Policy } from "../../src/api/rbac/policy.ts";
import type { ClusterRole } from "../../src/resources/clusterrole/kind.ts";
import type { ClusterRoleBinding } from "../../src/resources/clusterrolebinding/kind.ts";
import type { PriorityClass } from "../../src/resources/priorityclass/kind.ts";
import { priorityClasses } from "../../src/resources/priorityclass/priority.ts";
import type { ResourceStore } from "../store/resource-store.ts";
import type { Sql } from "../store/sql.ts";

/** The policy of a cluster, made from its roles, bindings and priority classes when it is needed, and who is to be told when it changes. */
export class PolicyBook {
	readonly #sql: Sql;
	readonly #store: () => ResourceStore;
	#policy: Policy | undefined;
	#authorizer: Authorizer | undefined;

	constructor(sql: Sql, store: () => ResourceStore) {
		this.#sql = sql;
		this.#store = store;
	}

	policy(): Policy {
		if (this.#policy) return this.#policy;
		const store = this.#store();
		const roles = [...store.all<ClusterRole>("clusterroles")];
		const bindings = [...store.all<ClusterRoleBinding>("clusterrolebindings")];
		const clusterRoles = Object.fromEntries(roles.map(({ metadata, rules }) => [metadata.name, rules]));
		const clusterRoleBindings = bindings.map(({ metadata, roleRef, subjects = [] }) => ({ name: metadata.name, roleRef, subjects }));
		this.#policy = {
			version: this.#version(),
			clusterRoles,
			clusterRoleBindings,
			priorityClasses: priorityClasses(store.all<PriorityClass>("priorityclasses")),
		};
		return this.#policy;
	}

	/** For what concerns the whole cluster. */
	authorizer(): Authorizer {
		this.#authorizer ??= new Authorizer(this.policy());
		return this.#authorizer;
	}

	/** Counts a change; part of its transaction. */
	count(): void {
		this.#sql.exec("INSERT INTO _meta VALUES ('policy', 1) ON CONFLICT DO UPDATE SET value = value + 1");
	}

	/** After a change was written. */
	forget(): void {
		this.#policy = undefined;
		this.#authorizer = undefined;
	}

	/** From now on this namespace is told of changes. */
	follow(namespace: string): void {
		const known = this.#sql.exec("SELECT 1 FROM followers WHERE namespace = ?", namespace).toArray().length > 0;
		if (!known) this.#sql.exec("INSERT INTO followers VALUES (?)", namespace);
	}

	unfollow(namespace: string): void {
		this.#sql.exec("DELETE FROM followers WHERE namespace = ?", namespace);
	}

	followers(): string[] {
		return this.#sql
			.exec<{ namespace: string }>("SELECT namespace FROM followers")
			.toArray()
			.map(({ namespace }) => namespace);
	}

	#version(): number {
		return this.#sql.exec<{ value: number }>("SELECT value FROM _meta WHERE key = 'policy'").toArray()[0]?.value ?? 0;
	}
}
