import { expect, it } from "vitest";
import { podOf } from "../../src/resources/pod/pod-of.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { inSession, resolveAgent } from "../namespace/agents.ts";
import { leaseRequest } from "./lease-request.ts";

it("a session asks for a node under the labels that its pod shows", () => {
	const view = new MemoryView();
	view.addAgent("coder");
	const { metadata, spec } = view.sessionDraft("chat", { agent: "coder" });
	// A label cannot pose as another agent's.
	const labels = { team: "blue", "klaw.sh/agent": "reviewer" };
	const session: Session = {
		...{ apiVersion: "klaw.sh/v1", kind: "Session", spec },
		metadata: { ...metadata, labels },
		status: { phase: "Idle" },
	};
	const agent = resolveAgent(view, "coder");
	if (!agent.ok) throw new Error(agent.cause.message);
	const files = { workspace: undefined, uncheckpointed: false };
	const request = leaseRequest({ namespace: "default", name: "chat", uid: "u" }, files, inSession(agent.snapshot, session));
	expect(request.labels).toEqual({ team: "blue", "klaw.sh/agent": "coder", "klaw.sh/session": "chat" });
	expect(request.labels).toEqual(podOf(session).metadata.labels);
});
