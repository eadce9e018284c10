import { describe, expect, test } from "vitest";
import type { ComputeResources } from "./compute-resources.ts";
import { checkLimits, type Limits, withDefaults } from "./limit-range.ts";

const container = (limits: Omit<Limits, "type">): Limits => ({ type: "Container", ...limits });

describe("resources that are not stated", () => {
	test.each<[string, ComputeResources, Limits[], ComputeResources]>([
		[
			"have the defaults",
			{},
			[container({ default: { cpu: "2" }, defaultRequest: { cpu: "1" } })],
			{ requests: { cpu: "1" }, limits: { cpu: "2" } },
		],
		["have the default limit as a request", {}, [container({ default: { cpu: "2" } })], { requests: { cpu: "2" }, limits: { cpu: "2" } }],
		["have the maximum as a limit", {}, [container({ max: { cpu: "4" } })], { requests: { cpu: "4" }, limits: { cpu: "4" } }],
		["have the minimum as a request", {}, [container({ min: { cpu: "1" } })], { requests: { cpu: "1" } }],
		[
			"have the defaults of the first range that has any",
			{},
			[container({}), container({ default: { cpu: "1" } }), container({ default: { cpu: "2" } })],
			{ requests: { cpu: "1" }, limits: { cpu: "1" } },
		],
		["have no defaults of pods", {}, [{ type: "Pod", max: { cpu: "1" } }], {}],
	])("%s", (_, stated, limits, resources) => {
		expect(withDefaults(stated, limits)).toEqual(resources);
	});
});

test("what is stated is kept, and a limit that is stated alone is the request too", () => {
	const limits = [container({ default: { cpu: "2", memory: "1Gi" }, defaultRequest: { cpu: "1" } })];
	expect(withDefaults({ requests: { cpu: "100m" }, limits: { memory: "2Gi" } }, limits)).toEqual({
		requests: { cpu: "100m", memory: "2Gi" },
		limits: { cpu: "2", memory: "2Gi" },
	});
});

describe("resources out of bounds are forbidden in Kubernetes' words", () => {
	test.each<[Limits, ComputeResources, string]>([
		[container({ min: { cpu: "100m" } }), {}, "minimum cpu usage per Container is 100m.  No request is specified"],
		[container({ min: { cpu: "100m" } }), { requests: { cpu: "50m" } }, "minimum cpu usage per Container is 100m, but request is 50m"],
		[
			container({ min: { cpu: "100m" } }),
			{ requests: { cpu: "1" }, limits: { cpu: "50m" } },
			"minimum cpu usage per Container is 100m, but limit is 50m",
		],
		[container({ max: { memory: "1Gi" } }), {}, "maximum memory usage per Container is 1Gi.  No limit is specified"],
		[
			container({ max: { memory: "1Gi" } }),
			{ limits: { memory: "1536Mi" } },
			"maximum memory usage per Container is 1Gi, but limit is 1536Mi",
		],
		[
			{ type: "Pod", max: { cpu: "1" } },
			{ requests: { cpu: "2" }, limits: { cpu: "1" } },
			"maximum cpu usage per Pod is 1, but request is 2",
		],
		[
			container({ maxLimitRequestRatio: { cpu: "4" } }),
			{ requests: { cpu: "100m" }, limits: { cpu: "500m" } },
			"cpu max limit to request ratio per Container is 4, but provided ratio is 5.000000",
		],
		[
			container({ maxLimitRequestRatio: { cpu: "4" } }),
			{ limits: { cpu: "1" } },
			"cpu max limit to request ratio per Container is 4, but no request is specified or request is 0",
		],
		[
			container({ maxLimitRequestRatio: { cpu: "4" } }),
			{ requests: { cpu: "1" } },
			"cpu max limit to request ratio per Container is 4, but no limit is specified or limit is 0",
		],
	])("%j with %j", (limits, resources, message) => {
		expect(checkLimits({ group: "klaw.sh", plural: "agents" }, "x", resources, [limits])).toMatchObject({
			code: 403,
			reason: "Forbidden",
			message: `agents.klaw.sh "x" is forbidden: ${message}`,
		});
	});

	test("all at once", () => {
		const limits = [container({ min: { cpu: "1" }, max: { cpu: "2", memory: "1Gi" } })];
		expect(checkLimits({ group: "", plural: "pods" }, "x", { requests: { cpu: "500m" }, limits: { cpu: "3" } }, limits)?.message).toBe(
			'pods "x" is forbidden: [minimum cpu usage per Container is 1, but request is 500m, maximum cpu usage per Container is 2, but limit is 3, maximum memory usage per Container is 1Gi.  No limit is specified]',
		);
	});
});

test("resources within bounds are admitted, and bounds of anything but sessions are not looked at", () => {
	const limits = [
		container({ min: { cpu: "1" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "2" } }),
		{ type: "PersistentVolumeClaim", min: { storage: "1Gi" } },
	];
	expect(
		checkLimits({ group: "klaw.sh", plural: "agents" }, "x", { requests: { cpu: "1" }, limits: { cpu: "2" } }, limits),
	).toBeUndefined();
});
