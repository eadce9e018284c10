import type { AgentSpec } from "./schema.ts";

/** What an agent may say and klaw does not act on yet, a sentence each. Nobody is to rely on what only stands there. */
export function notYet({ approval, limits, serviceAccountName, skills }: AgentSpec): string[] {
	const policies = approval ? [approval.default, ...Object.values(approval.tools)] : [];
	const kept = [
		limits.tokens !== undefined && "spec.limits.tokens",
		limits.usd !== undefined && "spec.limits.usd",
		serviceAccountName !== undefined && "spec.serviceAccountName",
		(skills ?? []).length > 0 && "spec.skills",
	].filter((field) => field !== false);
	return [
		...(policies.includes("ask")
			? ["spec.approval: nobody can be asked yet, so tools with the policy ask are not offered to the model"]
			: []),
		...kept.map((field) => `${field} is kept and checked, and not enforced yet`),
	];
}
