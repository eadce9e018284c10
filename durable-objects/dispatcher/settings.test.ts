import { describe, expect, it } from "vitest";
import { DEFAULT_CONFIG } from "./scheduler/config.ts";
import { containerSettings, schedulerConfig } from "./settings.ts";

describe("KLAW_CONTAINERS", () => {
	it.each([undefined, "", "  "])("that is %j starts no containers", (text) => {
		expect(containerSettings(text)).toBeUndefined();
	});

	it("is Cloudflare's standard-1, twenty at most, unless it says otherwise", () => {
		expect(containerSettings("{}")).toEqual({
			...{ max: 20, min: 0, sleepAfterMs: 600_000, keepUnsavedForMs: 3_600_000, labels: {}, taints: [] },
			capacity: { cpu: 0.5, memory: 4 * 2 ** 30, ephemeralStorage: 8e9, slots: 16 },
		});
		expect(containerSettings('{"max":3,"sleepAfter":"90s","instance":{"cpu":"2","memory":"8Gi"}}')).toMatchObject({
			...{ max: 3, sleepAfterMs: 90_000 },
			capacity: { cpu: 2, memory: 8 * 2 ** 30 },
		});
	});

	it("keeps files that are in no checkpoint for an hour, or as long as it says, and never for less than an idle container", () => {
		expect(containerSettings('{"keepUnsavedFor":"90m"}')).toMatchObject({ keepUnsavedForMs: 5_400_000 });
		expect(containerSettings('{"sleepAfter":"2h"}')).toMatchObject({ keepUnsavedForMs: 7_200_000 });
	});

	it.each([
		["no JSON", "{max: 3}", /^The variable KLAW_CONTAINERS is no JSON: /],
		["a name that nobody knows", '{"maximum":3}', /^The variable KLAW_CONTAINERS is wrong:\n.*maximum/],
		["a duration that is none", '{"sleepAfter":"soon"}', /^The variable KLAW_CONTAINERS is wrong:\n.*such as 90s/],
		["a shorter time for files than for nothing", '{"keepUnsavedFor":"5m"}', /for 10m \(sleepAfter\).*for 5m \(keepUnsavedFor\)\. Make/],
		["more at least than at most", '{"min":5,"max":2}', /at least 5 containers and at most 2\. Make min no larger than max\.$/],
	])("with %s is refused with a sentence", (_, text, message) => {
		expect(() => containerSettings(text)).toThrow(message);
	});
});

describe("KLAW_SCHEDULER", () => {
	it("is klaw's default where it says nothing", () => {
		expect(schedulerConfig(undefined)).toEqual(DEFAULT_CONFIG);
		expect(schedulerConfig('{"weights":{"NodeAffinity":7}}')).toEqual({
			...DEFAULT_CONFIG,
			weights: { ...DEFAULT_CONFIG.weights, NodeAffinity: 7 },
		});
	});

	it("takes Kubernetes' scoring strategies", () => {
		const shape = [
			{ utilization: 0, score: 0 },
			{ utilization: 100, score: 10 },
		];
		const resources = [{ name: "memory", weight: 2 }];
		const strategy = { type: "RequestedToCapacityRatio", shape, resources };
		expect(schedulerConfig(JSON.stringify({ scoringStrategy: strategy })).scoringStrategy).toEqual(strategy);
	});

	it.each([
		["a strategy that there is not", '{"scoringStrategy":{"type":"Random"}}', /^The variable KLAW_SCHEDULER is wrong:/],
		[
			"a shape that goes back",
			'{"scoringStrategy":{"type":"RequestedToCapacityRatio","shape":[{"utilization":50,"score":1},{"utilization":40,"score":2}]}}',
			/utilization must increase from point to point/,
		],
	])("with %s is refused with a sentence", (_, text, message) => {
		expect(() => schedulerConfig(text)).toThrow(message);
	});
});
