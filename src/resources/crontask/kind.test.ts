import { describe, expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { cronTaskKind } from "./kind.ts";
import { scheduleProblem } from "./schedule.ts";

const taskTemplate = { spec: { prompt: "report", agent: "coder" } };
const spec = { schedule: "0 9 * * mon-fri", taskTemplate };

test("a crontask needs a schedule and a task", () => {
	expect(admitted(cronTaskKind, { spec }).spec).toEqual({
		...spec,
		concurrencyPolicy: "Forbid",
		suspend: false,
		successfulTasksHistoryLimit: 3,
		failedTasksHistoryLimit: 1,
	});
});

test.each([
	["no schedule", { taskTemplate }, /^spec\.schedule FieldValueRequired: /],
	[
		"four fields",
		{ ...spec, schedule: "0 9 * *" },
		/^spec\.schedule FieldValueInvalid: Invalid value: "0 9 \* \*": expected exactly 5 fields .*found 4$/,
	],
	["no task", { schedule: "@daily" }, /^spec\.taskTemplate FieldValueRequired: /],
	["a task without a prompt", { ...spec, taskTemplate: { spec: {} } }, /^spec\.taskTemplate\.spec\.prompt FieldValueRequired: /],
	[
		"a time zone that is none",
		{ ...spec, timeZone: "Europe/Atlantis" },
		'spec.timeZone FieldValueInvalid: Invalid value: "Europe/Atlantis": unknown time zone Europe/Atlantis',
	],
	["an offset for a time zone", { ...spec, timeZone: "+02:00" }, /^spec\.timeZone FieldValueInvalid: /],
	["an unknown policy", { ...spec, concurrencyPolicy: "Queue" }, /^spec\.concurrencyPolicy FieldValueNotSupported: /],
	["a deadline in the past", { ...spec, startingDeadlineSeconds: -1 }, /^spec\.startingDeadlineSeconds FieldValueInvalid: /],
	["a history of less than nothing", { ...spec, failedTasksHistoryLimit: -1 }, /^spec\.failedTasksHistoryLimit FieldValueInvalid: /],
])("%s is refused", (_, wrong, cause) => {
	expect(causesIn(cronTaskKind, { spec: wrong })).toEqual([expect.stringMatching(cause)]);
});

test("a name leaves room for what is added to its tasks' names", () => {
	expect(causesIn(cronTaskKind, { spec }, { name: "x".repeat(52) })).toEqual([]);
	expect(causesIn(cronTaskKind, { spec }, { name: "x".repeat(53) })).toEqual([
		expect.stringMatching(/^metadata\.name FieldValueInvalid: .*: must be no more than 52 characters$/),
	]);
});

describe("a schedule", () => {
	test.each(["* * * * *", "*/15 0-6/2 1,15 jan-mar,12 mon-fri", "0 0 ? * 7", "59 23 31 12 SUN", "@hourly", "  5  4 * * *  "])(
		"may be %j",
		(text) => {
			expect(scheduleProblem(text)).toBeUndefined();
		},
	);

	test.each([
		["", "expected exactly 5 fields (minute, hour, day of month, month, day of week), found 0"],
		["every day at 9 am", '"every" is no minute: it goes from 0 to 59'],
		["0 0 9 * * *", "expected exactly 5 fields (minute, hour, day of month, month, day of week), found 6"],
		["*/0 * * * *", 'a step of 0 in "*/0" never comes: write 1 or more'],
		["60 * * * *", '"60" is no minute: it goes from 0 to 59'],
		["0 24 * * *", '"24" is no hour: it goes from 0 to 23'],
		["0 0 0 * *", '"0" is no day of month: it goes from 1 to 31'],
		["0 0 * 13 *", '"13" is no month: it goes from 1 to 12'],
		["0 0 * * 8", '"8" is no day of week: it goes from 0 to 7'],
		["0 17-9 * * *", 'the range "17-9" ends before it begins'],
		["0 9, * * *", '"" is no hour: write *, a number, a range such as 1-5, or steps such as */15'],
		["0 0 L * *", '"L" is no day of month: it goes from 1 to 31'],
		["@reboot", "unrecognized descriptor; klaw knows @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly"],
		["TZ=UTC 0 9 * * *", "must not name a time zone: use spec.timeZone"],
	])("may not be %j", (text, problem) => {
		expect(scheduleProblem(text)).toBe(problem);
	});
});

test("columns are those of a CronJob, and the agent", () => {
	expect(headings(cronTaskKind)).toBe("NAME  SCHEDULE  TIMEZONE  SUSPEND  ACTIVE  LAST SCHEDULE  AGE");
	expect(headings(cronTaskKind, true)).toBe(`${headings(cronTaskKind)}  AGENT`);
	const made = admitted(cronTaskKind, { spec });
	expect(printed(cronTaskKind, made)).toBe("x  0 9 * * mon-fri  <none>  False  0  <none>  5m  coder");
	const busy = {
		...made,
		spec: { ...made.spec, suspend: true, timeZone: "Europe/Berlin" },
		status: { active: ["x-1"], lastScheduleTime: "2026-11-22T08:03:00Z" },
	};
	expect(printed(cronTaskKind, busy)).toBe("x  0 9 * * mon-fri  Europe/Berlin  True  1  2m  5m  coder");
});
