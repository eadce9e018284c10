import { expect, it } from "vitest";
import { policyRows, policyRuleSchema } from "./policy-rules.ts";

const rows = (...rules: object[]) => policyRows(rules.map((rule) => policyRuleSchema.parse(rule)));

it("rules about the same resource are one row with the verbs of all", () => {
	expect(
		rows(
			{ verbs: ["get", "list"], apiGroups: ["klaw.sh"], resources: ["agents"] },
			{ verbs: ["get", "watch"], apiGroups: ["klaw.sh"], resources: ["agents", "pods/log"] },
		),
	).toEqual([
		["agents.klaw.sh", "[]", "[]", "[get list watch]"],
		["pods.klaw.sh/log", "[]", "[]", "[get watch]"],
	]);
});

it("each verb of a path is a row, and nothing is left out of two rules about the same one", () => {
	expect(rows({ verbs: ["get", "post"], nonResourceURLs: ["/a"] }, { verbs: ["get"], nonResourceURLs: ["/a"] })).toEqual([
		["", "[/a]", "[]", "[get]"],
		["", "[/a]", "[]", "[get]"],
		["", "[/a]", "[]", "[post]"],
	]);
});
