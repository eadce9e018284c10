import { describe, expect, test } from "vitest";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { reviewed } from "./placement-review.ts";
import { createSession } from "./sessions.ts";

const view = new MemoryView();
view.classes = { high: { value: 9, preemptionPolicy: "Never" } };
view.addAgent("coder", { priorityClassName: "high" });
view.addAgent("mute", { instructions: { configMapRef: { name: "nowhere" } } });
view.do(createSession(view, view.sessionDraft("s", { agent: "coder" })));
const agent = (spec: object) => agentSpecSchema.parse(spec);

describe("a placement review is about", () => {
	test("a session, and what its agent would ask for", () => {
		expect(reviewed(view, { session: "s" })).toMatchObject({
			ok: true,
			session: { namespace: "default", name: "s" },
			agent: { name: "coder", priority: 9, preemptionPolicy: "Never" },
		});
	});

	test("an agent, whether or not its instructions can be read", () => {
		expect(reviewed(view, { agentName: "mute" })).toMatchObject({ ok: true, agent: { name: "mute", spec: { instructions: "" } } });
	});

	test("an agent that there is not", () => {
		const asked = reviewed(view, { agentName: "new", agent: agent({ nodeSelector: { zone: "a" } }) });
		expect(asked).toMatchObject({ ok: true, agent: { name: "new", priority: 0, spec: { nodeSelector: { zone: "a" } } } });
		expect(asked).not.toHaveProperty("session");
	});
});

test.each([
	["a session that there is not", { session: "gone" }, 404, 'sessions.klaw.sh "gone" not found'],
	["an agent that there is not", { agentName: "gone" }, 404, 'agents.klaw.sh "gone" not found'],
	["an unknown class", { agent: agent({ priorityClassName: "gone" }) }, 403, "no PriorityClass with name gone was found"],
	[
		"requests above their limits",
		{ agent: agent({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }) },
		422,
		"must be less than or equal to cpu limit",
	],
])("%s is refused", (_, spec, code, message) => {
	expect(reviewed(view, spec)).toMatchObject({ ok: false, status: { code, message: expect.stringContaining(message) } });
});
