import type { AgentSnapshot, SessionIdentity } from "../ports.ts";

/** The system prompt of a run: who the agent is, then its instructions. Holds no secret. */
export function systemPrompt(agent: AgentSnapshot, identity: SessionIdentity): string {
	const who = `You are ${agent.name}, an agent in the namespace ${identity.namespace}. Your tools work in a directory of your own, the workspace; paths are relative to it. When the work is done, answer in plain text: that answer is the result.`;
	return agent.spec.instructions === "" ? who : `${who}\n\n${agent.spec.instructions}`;
}
