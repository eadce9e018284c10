import fc from "fast-check";
import { expect, test } from "vitest";
import { applyConfiguration } from "./apply.ts";
import { API_VERSION, config, WIDGET_SCHEMA, type Widget, widget } from "./apply-fixture.ts";
import { difference, fieldsIn, intersection } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { equalJson, withoutNulls } from "./json-value.ts";
import { mergeConfiguration } from "./merge-configuration.ts";
import { ownable, withMetadata } from "./ownable.ts";

/** The fields of a widget that start with a letter, so that two of these have nothing in common. */
const specs = (letter: string) =>
	fc.record(
		{
			[letter === "a" ? "model" : "free"]:
				letter === "a"
					? fc.string()
					: fc.dictionary(
							fc.constantFrom("p", "q"),
							fc
								.jsonValue({ maxDepth: 1 })
								.map(withoutNulls)
								.filter((value) => value !== null),
						),
			[letter === "a" ? "args" : "source"]: letter === "a" ? fc.array(fc.string(), { maxLength: 3 }) : fc.record({ url: fc.string() }),
			selector: fc.dictionary(fc.constantFrom(`${letter}1`, `${letter}2`, `${letter}3`), fc.string(), { minKeys: 1 }),
			tools: fc.uniqueArray(fc.constantFrom(`${letter}1`, `${letter}2`, `${letter}3`), { minLength: 1 }),
			ports: fc.uniqueArray(fc.record({ name: fc.constantFrom(`${letter}1`, `${letter}2`, `${letter}3`), port: fc.integer() }), {
				selector: ({ name }) => name,
				minLength: 1,
			}),
		},
		{ requiredKeys: [] },
	);
const anySpec = fc.oneof(specs("a"), specs("b"));
const schema = withMetadata(WIDGET_SCHEMA);

function apply(live: Widget | undefined, manager: string, spec: object, { force = false, now = 0 } = {}) {
	const wanted = config({ ...spec });
	const { object, conflicts } = applyConfiguration({
		live,
		config: wanted,
		manager,
		force,
		schema: WIDGET_SCHEMA,
		apiVersion: API_VERSION,
		now,
	});
	if (conflicts) return { conflicts };
	const { metadata, ...fields } = object;
	const stored: Widget = { ...widget({}), ...fields, metadata: { ...widget({}).metadata, ...metadata } };
	return { object: stored };
}

function forced(live: Widget | undefined, manager: string, spec: object, now = 0): Widget {
	const { object } = apply(live, manager, spec, { force: true, now });
	if (!object) throw new Error("force had a conflict");
	return object;
}

/** What is applied one after another, by whom. */
const history = fc.array(fc.tuple(fc.constantFrom("one", "two", "three"), anySpec), { maxLength: 5 });
const after = (steps: [string, object][]) =>
	steps.reduce<Widget | undefined>((live, [manager, spec]) => forced(live, manager, spec), undefined);

test("applying twice is applying once", () => {
	check(fc.tuple(history, anySpec), ([steps, spec]) => {
		const once = forced(after(steps), "me", spec);
		expect(forced(once, "me", spec, 1_000_000)).toEqual(once);
	});
});

test("after an apply by force the object has everything that was applied, and the applier owns just that", () => {
	check(fc.tuple(history, anySpec), ([steps, spec]) => {
		const object = forced(after(steps), "me", spec);
		expect(equalJson(mergeConfiguration(object.spec, spec, schema.properties?.spec), object.spec)).toBe(true);
		const mine = object.metadata.managedFields?.find(({ manager }) => manager === "me");
		expect(mine?.fieldsV1 ?? {}).toEqual(fieldsOf({ spec }, schema));
	});
});

test("two managers of different fields never have a conflict, and take nothing from each other", () => {
	check(fc.array(fc.oneof(fc.tuple(fc.constant("a"), specs("a")), fc.tuple(fc.constant("b"), specs("b"))), { maxLength: 6 }), (steps) => {
		let live: Widget | undefined;
		const last: Record<string, object> = {};
		for (const [manager, spec] of steps) {
			const { object, conflicts } = apply(live, manager, spec);
			expect(conflicts).toBeUndefined();
			live = object;
			last[manager] = spec;
		}
		for (const spec of Object.values(last))
			expect(equalJson(mergeConfiguration(live?.spec, spec, schema.properties?.spec), live?.spec)).toBe(true);
	});
});

test("what a manager no longer states is gone, unless another owns it", () => {
	check(fc.tuple(history, anySpec, anySpec), ([steps, before, spec]) => {
		const first = forced(after(steps), "me", before);
		const next = forced(first, "me", spec);
		const owned = (next.metadata.managedFields ?? []).map(({ fieldsV1 }) => fieldsV1);
		const dropped = owned.reduce(difference, fieldsOf({ spec: before }, schema));
		const left = fieldsOf(ownable(next, undefined), schema);
		expect(fieldsIn(intersection(dropped, left))).toEqual([]);
	});
});

test("nothing that is given to an apply is changed by it", () => {
	check(fc.tuple(history, anySpec), ([steps, spec]) => {
		const live = after(steps);
		const text = JSON.stringify([live, spec]);
		forced(live, "me", spec);
		expect(JSON.stringify([live, spec])).toBe(text);
	});
});

function check<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void): void {
	fc.assert(
		fc.property(arbitrary, (value) => {
			holds(value);
		}),
	);
}
