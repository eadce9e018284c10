import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Agent } from "../../src/resources/agent/kind.ts";
import type { Session, SessionStatus } from "../../src/resources/session/kind.ts";
import { namespaceObjectName } from "../names.ts";
import type { Committed } from "../store/change-log.ts";
import { migrate } from "../store/migrate.ts";
import { ResourceStore } from "../store/resource-store.ts";
import { Activity } from "./activity.ts";
import { MIGRATIONS } from "./tables.ts";
import { viewOf } from "./view.ts";
import { WorkQueue } from "./work-queue.ts";

const CREATED = "2026-11-22T08:00:00Z";

function session(name: string, agent: string, status: SessionStatus): Session {
	const metadata = { name, namespace: "x", uid: name, resourceVersion: "", generation: 1, creationTimestamp: CREATED };
	return { apiVersion: "klaw.sh/v1", kind: "Session", metadata, spec: { agent }, status };
}

function coder(): Agent {
	const metadata = { name: "coder", namespace: "x", uid: "c", resourceVersion: "", generation: 1, creationTimestamp: CREATED };
	return {
		apiVersion: "klaw.sh/v1",
		kind: "Agent",
		metadata,
		spec: {},
		status: { phase: "Idle", revision: "r", observedGeneration: 1 },
	} as Agent;
}

test("what an agent's sessions do is the same whether it was counted on waking or followed", async () => {
	const stub = env.NAMESPACE.getByName(namespaceObjectName("activity", "default"));
	await runInDurableObject(stub, (_, { storage }) => {
		migrate(storage, MIGRATIONS);
		const store = new ResourceStore(storage.sql, () => true);
		const view = viewOf("x", store, new WorkQueue(storage.sql));
		const followed = new Activity(storage.sql);
		followed.present(coder());
		store.put("agents", coder());
		const follow = (change: Committed | undefined) => (change ? followed.follow(view, [change]) : []);
		follow(store.put("sessions", session("a", "coder", { phase: "Idle" })));
		follow(store.put("sessions", session("b", "coder", { phase: "Waiting" })));
		follow(store.put("sessions", session("gone", "coder", { phase: "Running", node: "n9" })));
		follow(store.put("sessions", session("other", "other", { phase: "Running" })));
		const lastRun = { phase: "Running", startTime: "2026-11-22T08:00:02.000Z" };
		follow(store.put("sessions", session("a", "coder", { phase: "Running", node: "n1", lastRun })));
		follow(store.remove("sessions", "gone"));
		const expected = {
			phase: "Running",
			sessions: 2,
			running: 1,
			waiting: 1,
			nodes: ["n1"],
			lastRun: { phase: "Running", time: "2026-11-22T08:00:02.000Z" },
		};
		expect(followed.present(coder()).status).toMatchObject(expected);
		expect(new Activity(storage.sql).present(coder()).status).toMatchObject(expected);
	});
});

test("an agent is written when its phase changes, so that watches see it, and not for every step", async () => {
	const stub = env.NAMESPACE.getByName(namespaceObjectName("phases", "default"));
	await runInDurableObject(stub, (_, { storage }) => {
		migrate(storage, MIGRATIONS);
		const store = new ResourceStore(storage.sql, () => true);
		const view = viewOf("x", store, new WorkQueue(storage.sql));
		const activity = new Activity(storage.sql);
		store.put("agents", coder());
		const written = (phase: SessionStatus["phase"], name: string) =>
			activity.follow(view, [store.put("sessions", session(name, "coder", { phase }))]);
		expect(written("Idle", "a")).toEqual([]);
		expect(written("Running", "a")).toMatchObject([{ type: "put", plural: "agents", object: { status: { phase: "Running" } } }]);
		store.put("agents", activity.present(coder()));
		expect(written("Running", "b")).toEqual([]);
	});
});
