import { describe, expect, test } from "vitest";
import type { BaseResource } from "../../resources/resource.ts";
import { ApiError } from "../status.ts";
import { type Application, type Applied, applyConfiguration } from "./apply.ts";
import { API_VERSION, config, owned, WIDGET_SCHEMA, type Widget, widget } from "./apply-fixture.ts";
import { trackUpdate } from "./managed-fields.ts";

const HOUR = 3_600_000;
type Options = Partial<Pick<Application, "force" | "now" | "subresource">>;

function apply(live: Widget | undefined, manager: string, wanted: unknown, options: Options = {}): Applied {
	return applyConfiguration({
		live,
		config: wanted,
		manager,
		force: false,
		schema: WIDGET_SCHEMA,
		apiVersion: API_VERSION,
		now: 0,
		...options,
	});
}

/** The object after an apply, as the server would store it. */
function applied(live: Widget | undefined, manager: string, wanted: unknown, options: Options = {}): Widget {
	const { object, conflicts } = apply(live, manager, wanted, options);
	if (conflicts) throw new ApiError(conflicts);
	const { metadata, ...fields } = object;
	return { ...widget({}), ...fields, metadata: { ...widget({}).metadata, ...metadata } };
}

function updated(old: Widget, next: Partial<Widget>, manager: string, subresource?: string): Widget {
	const whole: BaseResource = { ...old, ...next };
	const managedFields = trackUpdate({
		old,
		next: whole,
		manager,
		schema: WIDGET_SCHEMA,
		apiVersion: API_VERSION,
		now: HOUR,
		...(subresource && { subresource }),
	});
	return { ...old, ...next, metadata: { ...old.metadata, ...next.metadata, managedFields } };
}

const managers = (object: Widget) => owned(object.metadata.managedFields ?? []);

describe("an applier", () => {
	test("creates an object and owns what the configuration states, encoded as Kubernetes does", () => {
		const wanted = config(
			{
				model: "a/b",
				limits: { iterations: 5 },
				selector: { disk: "ssd" },
				tools: ["bash"],
				args: ["x"],
				ports: [{ name: "http", port: 80 }],
				source: { url: "u" },
				free: { a: { b: 1 } },
			},
			{ labels: { app: "x" }, finalizers: ["klaw.sh/f"] },
		);
		const { object } = apply(undefined, "kubectl", wanted);
		const { managedFields } = object?.metadata ?? {};
		expect(object).toEqual({ ...wanted, metadata: { name: "w", labels: { app: "x" }, finalizers: ["klaw.sh/f"], managedFields } });
		expect(managedFields).toEqual([
			{
				manager: "kubectl",
				operation: "Apply",
				apiVersion: "klaw.sh/v1",
				time: "1970-01-01T00:00:00Z",
				fieldsType: "FieldsV1",
				fieldsV1: {
					"f:metadata": { "f:finalizers": { 'v:"klaw.sh/f"': {} }, "f:labels": { "f:app": {} } },
					"f:spec": {
						"f:args": {},
						"f:free": { "f:a": { ".": {}, "f:b": {} } },
						"f:limits": { "f:iterations": {} },
						"f:model": {},
						"f:ports": { 'k:{"name":"http","protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} } },
						"f:selector": { "f:disk": {} },
						"f:source": {},
						"f:tools": { 'v:"bash"': {} },
					},
				},
			},
		]);
	});

	test("leaves alone what the configuration does not state", () => {
		const live = applied(undefined, "one", config({ model: "a/b", selector: { a: "1" } }, { labels: { app: "x" } }));
		const { spec, metadata } = applied(live, "two", config({ size: 3, selector: { b: "2" } }, { labels: { tier: "y" } }));
		expect(spec).toEqual({ model: "a/b", size: 3, selector: { a: "1", b: "2" } });
		expect(metadata.labels).toEqual({ app: "x", tier: "y" });
	});

	test("removes what it stated before and no longer does", () => {
		const live = applied(undefined, "one", config({ model: "a/b", size: 1, selector: { a: "1", b: "2" }, limits: { iterations: 1 } }));
		const next = applied(live, "one", config({ size: 1, selector: { b: "2" } }));
		expect(next.spec).toEqual({ size: 1, selector: { b: "2" } });
		expect(managers(next)).toEqual({ "one Apply": { "f:spec": { "f:selector": { "f:b": {} }, "f:size": {} } } });
	});

	test("does not remove what another owns as well", () => {
		const one = applied(undefined, "one", config({ model: "a/b", tools: ["bash", "read"] }));
		const two = applied(one, "two", config({ model: "a/b", tools: ["read"] }));
		const left = applied(two, "one", config({ size: 1 }));
		expect(left.spec).toEqual({ model: "a/b", tools: ["read"], size: 1 });
	});

	test("removes no field that nobody is known to own, unless it is in an item that goes", () => {
		const live = applied(
			undefined,
			"one",
			config({ model: "a/b", limits: { iterations: 1 }, ports: [{ name: "http" }, { name: "admin" }] }),
		);
		const defaulted: Widget = {
			...live,
			spec: {
				...live.spec,
				size: 9,
				limits: { iterations: 1, deadline: "1h" },
				ports: [
					{ name: "http", port: 80 },
					{ name: "admin", port: 81 },
				],
			},
		};
		const next = applied(defaulted, "one", config({ limits: { iterations: 2 }, ports: [{ name: "admin" }] }));
		expect(next.spec).toEqual({ size: 9, limits: { iterations: 2, deadline: "1h" }, ports: [{ name: "admin", port: 81 }] });
	});

	test("leaves no empty objects behind", () => {
		const live = applied(undefined, "one", config({ size: 1 }, { labels: { a: "1" }, finalizers: ["klaw.sh/f"] }));
		const { object } = apply(live, "one", config({ size: 1 }));
		expect(object?.metadata).toEqual({ ...widget({}).metadata, managedFields: object?.metadata.managedFields });
	});

	test("states nothing by a null", () => {
		const live = applied(undefined, "one", config({ model: "a/b" }));
		const next = applied(live, "two", config({ model: null, size: 2 }, { labels: null, creationTimestamp: null }));
		expect(next.spec).toEqual({ model: "a/b", size: 2 });
		expect(managers(next)["two Apply"]).toEqual({ "f:spec": { "f:size": {} } });
	});

	test("applies the same twice without an effect, also at another time", () => {
		const wanted = config({ model: "a/b", ports: [{ name: "http" }] }, { labels: { a: "1" } });
		const live = applied(undefined, "one", wanted);
		expect(applied(live, "one", wanted, { now: HOUR })).toEqual(live);
	});

	test("has one entry, whichever version of the kind it applied", () => {
		const live = applied(undefined, "one", config({ size: 1 }));
		const { object } = applyConfiguration({
			live,
			config: config({ size: 2 }),
			manager: "one",
			force: false,
			schema: WIDGET_SCHEMA,
			apiVersion: "klaw.sh/v2",
			now: HOUR,
		});
		expect(object?.metadata.managedFields.map(({ apiVersion, time }) => `${apiVersion} ${time}`)).toEqual([
			"klaw.sh/v2 1970-01-01T01:00:00Z",
		]);
	});

	test("cannot set what only the server sets, and may say which version it means", () => {
		const live = applied(undefined, "one", config({ size: 1 }));
		const next = applied(
			live,
			"one",
			config({ size: 2 }, { resourceVersion: "3", uid: "u-9", creationTimestamp: "x", generation: 5, selfLink: "/" }),
		);
		expect(next.metadata).toMatchObject({ resourceVersion: "3", uid: "u-9", creationTimestamp: "2026-01-01T00:00:00Z", generation: 1 });
		expect(next.metadata).not.toHaveProperty("selfLink");
	});
});

describe("lists", () => {
	test("of type atomic are replaced, and owned as a whole", () => {
		const live = applied(undefined, "one", config({ args: ["a", "b"], source: { url: "u", rev: "1" } }));
		expect(applied(live, "one", config({ args: ["c"], source: { url: "v" } })).spec).toEqual({ args: ["c"], source: { url: "v" } });
	});

	test("of type set and map keep the items of others, in the order of the configuration", () => {
		const live = applied(undefined, "one", config({ tools: ["a", "mine", "b"], ports: [{ name: "x", port: 1 }, { name: "y" }] }));
		const next = applied(live, "two", config({ tools: ["b", "new", "a"], ports: [{ name: "z" }, { name: "x", port: 1 }] }));
		expect(next.spec).toEqual({ tools: ["b", "new", "a", "mine"], ports: [{ name: "z" }, { name: "x", port: 1 }, { name: "y" }] });
	});

	test("tell items apart by all keys, of which one may have its default", () => {
		const live = applied(
			undefined,
			"one",
			config({
				ports: [
					{ name: "dns", port: 53 },
					{ name: "dns", protocol: "UDP", port: 53 },
				],
			}),
		);
		const next = applied(live, "one", config({ ports: [{ name: "dns", protocol: "TCP", port: 54 }] }));
		expect(next.spec).toEqual({ ports: [{ name: "dns", protocol: "TCP", port: 54 }] });
	});

	test.each([
		["a set with a value twice", { tools: ["a", "a"] }, '.spec.tools: duplicate entries for key [="a"]'],
		[
			"a map with a key twice",
			{ ports: [{ name: "a" }, { name: "a", protocol: "TCP" }] },
			'.spec.ports: duplicate entries for key [name="a",protocol="TCP"]',
		],
		[
			"an item without its key",
			{ ports: [{ port: 1 }] },
			'.spec.ports: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
		],
	])("that are %s are refused", (_, spec, problem) => {
		expect(refusal(undefined, config(spec, { namespace: "default" }))).toEqual({
			code: 400,
			message: `failed to create typed patch object (default/w; klaw.sh/v1, Kind=Widget): ${problem}`,
		});
	});
});

describe("a conflict", () => {
	const live = updated(
		applied(undefined, "one", config({ size: 1, tools: ["bash"] })),
		{ spec: { size: 1, tools: ["bash"], model: "a/b", source: { url: "u" } } },
		"kubectl-edit",
	);

	test("over one field names it and who owns it", () => {
		expect(apply(live, "two", config({ model: "c/d" })).conflicts).toEqual({
			kind: "Status",
			apiVersion: "v1",
			metadata: {},
			status: "Failure",
			message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using klaw.sh/v1: .spec.model',
			reason: "Conflict",
			details: {
				causes: [{ reason: "FieldManagerConflict", message: 'conflict with "kubectl-edit" using klaw.sh/v1', field: ".spec.model" }],
			},
			code: 409,
		});
	});

	test("over several lists them by manager", () => {
		const { conflicts } = apply(live, "two", config({ model: "c/d", source: { url: "v" }, size: 2 }));
		expect(conflicts?.message).toBe(
			'Apply failed with 3 conflicts: conflicts with "kubectl-edit" using klaw.sh/v1:\n- .spec.model\n- .spec.source\nconflicts with "one":\n- .spec.size',
		);
		expect(conflicts?.details?.causes?.map(({ field }) => field)).toEqual([".spec.model", ".spec.source", ".spec.size"]);
	});

	test("is none where both say the same: then both own it", () => {
		const next = applied(live, "two", config({ model: "a/b", size: 1, tools: ["bash"] }));
		expect(managers(next)["two Apply"]).toEqual({ "f:spec": { "f:model": {}, "f:size": {}, "f:tools": { 'v:"bash"': {} } } });
		expect(managers(next)["one Apply"]).toEqual(managers(live)["one Apply"]);
	});

	test("is won by force, and the other no longer owns the field", () => {
		const next = applied(live, "two", config({ model: "c/d" }), { force: true });
		expect(next.spec?.model).toBe("c/d");
		expect(managers(next)["kubectl-edit Update"]).toEqual({ "f:spec": { "f:source": {} } });
		expect(managers(next)["two Apply"]).toEqual({ "f:spec": { "f:model": {} } });
	});

	test("within an item of a list names the item", () => {
		const one = applied(undefined, "one", config({ ports: [{ name: "http", port: 80 }] }));
		expect(apply(one, "two", config({ ports: [{ name: "http", port: 81 }] })).conflicts?.message).toBe(
			'Apply failed with 1 conflict: conflict with "one": .spec.ports[name="http",protocol="TCP"].port',
		);
	});
});

describe("the status", () => {
	const live = applied(undefined, "one", config({ size: 1 }));

	test("is not applied with the rest of an object", () => {
		const wanted = { ...config({ size: 1 }), status: { phase: "Busy" } };
		const next = applied(live, "one", wanted);
		expect(next).toEqual(live);
	});

	test("is all that is applied by its subresource, under an entry of its own", () => {
		const wanted = { ...config({ size: 9 }, { labels: { a: "1" } }), status: { phase: "Busy" } };
		const next = applied(live, "one", wanted, { subresource: "status" });
		expect(next.spec).toEqual({ size: 1 });
		expect(next.metadata).not.toHaveProperty("labels");
		expect(next.status).toEqual({ phase: "Busy" });
		expect(next.metadata.managedFields?.map(({ subresource, fieldsV1 }) => ({ subresource, fieldsV1 }))).toEqual([
			{ subresource: undefined, fieldsV1: { "f:spec": { "f:size": {} } } },
			{ subresource: "status", fieldsV1: { "f:status": { "f:phase": {} } } },
		]);
	});

	test("in a conflict says by which subresource it is owned", () => {
		const busy = updated(live, { status: { phase: "Busy" } }, "controller", "status");
		expect(apply(busy, "one", { ...config({}), status: { phase: "Idle" } }, { subresource: "status" }).conflicts?.message).toBe(
			'Apply failed with 1 conflict: conflict with "controller" with subresource "status" using klaw.sh/v1: .status.phase',
		);
	});
});

test("an object of unknown owners belongs to before-first-apply until it is applied", () => {
	const live = widget({ model: "a/b", size: 1 });
	expect(apply(live, "one", config({ size: 2 })).conflicts?.message).toContain(
		'conflict with "before-first-apply" using klaw.sh/v1: .spec.size',
	);
	const next = applied(live, "one", config({ size: 2 }), { force: true });
	expect(managers(next)["before-first-apply Update"]).toEqual({ "f:spec": { ".": {}, "f:model": {} } });
});

describe("going over from client-side apply", () => {
	const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
	const annotations = { [LAST_APPLIED]: JSON.stringify(config({ model: "a/b", size: 1 })) };
	const created = widget({ model: "a/b", size: 1 }, { annotations });
	const managedFields = trackUpdate({
		old: undefined,
		next: created,
		manager: "kubectl-client-side-apply",
		schema: WIDGET_SCHEMA,
		apiVersion: API_VERSION,
		now: 0,
	});
	const live: Widget = { ...created, metadata: { ...created.metadata, managedFields } };

	test("kubectl may change what is still as it applied it, and brings its annotation up to date", () => {
		const next = applied(live, "kubectl", config({ model: "a/b", size: 2 }));
		expect(next.spec).toEqual({ model: "a/b", size: 2 });
		expect(next.metadata.annotations?.[LAST_APPLIED]).toBe(`${JSON.stringify(config({ model: "a/b", size: 2 }))}\n`);
	});

	test("kubectl may not change what another has changed since", () => {
		const edited = updated(live, { spec: { model: "a/b", size: 5 } }, "kubectl-edit");
		expect(apply(edited, "kubectl", config({ model: "c/d", size: 2 })).conflicts?.message).toBe(
			'Apply failed with 1 conflict: conflict with "kubectl-edit" using klaw.sh/v1: .spec.size',
		);
	});

	test("another manager has its conflicts as ever", () => {
		expect(apply(live, "argo", config({ size: 2 })).conflicts?.message).toContain('"kubectl-client-side-apply"');
	});

	test.each(["{", "[]", '{"spec":{"tools":["a","a"]}}'])("an annotation that says nothing, %s, allows nothing", (text) => {
		const broken = { ...live, metadata: { ...live.metadata, annotations: { [LAST_APPLIED]: text } } };
		expect(apply(broken, "kubectl", config({ size: 2 })).conflicts?.code).toBe(409);
	});
});

test.each([
	["managed fields", config({}, { managedFields: [{ manager: "x" }] }), "metadata.managedFields must be nil"],
	["a list", [], "The applied configuration is not an object. Send one JSON or YAML object."],
	["metadata that is a text", { metadata: "x" }, "metadata of the applied configuration is not an object."],
])("a configuration with %s is refused", (_, wanted, message) => {
	expect(refusal(undefined, wanted)).toEqual({ code: 400, message });
});

test("an empty list of managed fields is no reason to refuse a configuration", () => {
	expect(apply(undefined, "one", config({ size: 1 }, { managedFields: [] })).object?.spec).toEqual({ size: 1 });
});

function refusal(live: Widget | undefined, wanted: unknown): { code: number; message?: string } {
	try {
		apply(live, "one", wanted);
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		const { code, message } = error.status;
		return { code, message };
	}
	throw new Error("it was applied");
}
