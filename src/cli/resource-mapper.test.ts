import { describe, expect, it } from "vitest";
import type { ApiResource } from "./api-resource.ts";
import { CliError } from "./errors.ts";
import { ResourceMapper } from "./resource-mapper.ts";

const resource = (group: string, version: string, kind: string, plural: string, more: Partial<ApiResource> = {}): ApiResource => ({
	group,
	version,
	kind,
	plural,
	singular: kind.toLowerCase(),
	shortNames: [],
	categories: [],
	namespaced: true,
	verbs: ["get", "list"],
	...more,
});

const PODS = resource("", "v1", "Pod", "pods", { shortNames: ["po"], categories: ["all"] });
const AGENTS = resource("klaw.sh", "v1", "Agent", "agents", { shortNames: ["ag"], categories: ["all", "klaw"] });
const CHANNELS = resource("klaw.sh", "v1", "Channel", "channels");
const ROUTES = resource("klaw.sh", "v1", "AgentRoute", "agentroutes");
const REVIEWS = resource("authorization.k8s.io", "v1", "Review", "reviews", { categories: ["all"], verbs: ["create"] });
const METRICS = resource("metrics.k8s.io", "v1beta1", "PodMetrics", "pods", { singular: "" });
const mapper = new ResourceMapper([PODS, AGENTS, CHANNELS, ROUTES, REVIEWS, METRICS]);

describe("a word", () => {
	it.each([
		["agents", AGENTS],
		["agent", AGENTS],
		["Agent", AGENTS],
		["AG", AGENTS],
		["agents.klaw.sh", AGENTS],
		["agent.v1.klaw.sh", AGENTS],
		["agents.klaw", AGENTS],
		["pods", PODS],
		["pods.metrics.k8s.io", METRICS],
		["ch", CHANNELS],
		["rt", ROUTES],
		["agentroute", ROUTES],
	])("%s finds a resource", (word, expected) => {
		expect(mapper.find(word)).toBe(expected);
	});

	it.each([
		["nope", 'the server doesn\'t have a resource type "nope"'],
		["agnets", 'the server doesn\'t have a resource type "agnets"'],
		["agents.foo", 'the server doesn\'t have a resource type "agents"'],
		["agents.v2.klaw.sh", 'the server doesn\'t have a resource type "agents"'],
		["cron", 'the server doesn\'t have a resource type "cron"'],
		["", 'the server doesn\'t have a resource type ""'],
	])("%j that names nothing is refused in kubectl's words", (word, message) => {
		expect(() => mapper.find(word)).toThrow(new CliError(message));
	});
});

it("a category means what can be listed of it", () => {
	expect(mapper.findAll("all")).toEqual([PODS, AGENTS]);
	expect(mapper.findAll("klaw,channels")).toEqual([AGENTS, CHANNELS]);
	expect(() => mapper.findAll("agents,")).toThrow('the server doesn\'t have a resource type ""');
});

it("an object's resource is found by its apiVersion and kind", () => {
	expect(mapper.ofKind({ apiVersion: "v1", kind: "Pod" })).toBe(PODS);
	expect(mapper.ofKind({ apiVersion: "klaw.sh/v2", kind: "Agent" })).toBeUndefined();
});
