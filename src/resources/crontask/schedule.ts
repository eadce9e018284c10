import * as z from "zod";

interface Field {
	name: string;
	least: number;
	most: number;
	/** Names that stand for `least`, `least + 1` … */
	words: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The five fields of cron(5) in their order. */
const FIELDS: readonly Field[] = [
	{ name: "minute", least: 0, most: 59, words: [] },
	{ name: "hour", least: 0, most: 23, words: [] },
	{ name: "day of month", least: 1, most: 31, words: [] },
	{ name: "month", least: 1, most: 12, words: MONTHS },
	{ name: "day of week", least: 0, most: 7, words: DAYS },
];

const MACROS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/** A part of a list: `*`, `5`, `1-5`, `mon-fri`, each with an optional step such as `/15`. */
const PART = /^(?:(\*|\?)|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/;

/** What is wrong with a schedule, as a clause; `undefined` when nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
	if (schedule.startsWith("@")) return MACROS.includes(schedule) ? undefined : `unrecognized descriptor; klaw knows ${MACROS.join(", ")}`;
	if (/^(?:CRON_)?TZ=/.test(schedule)) return "must not name a time zone: use spec.timeZone";
	const texts = schedule.trim().split(/\s+/);
	if (texts.length !== FIELDS.length)
		return `expected exactly 5 fields (minute, hour, day of month, month, day of week), found ${schedule.trim() === "" ? 0 : texts.length}`;
	for (const [index, field] of FIELDS.entries()) {
		const problem = fieldProblem(field, texts[index] ?? "");
		if (problem) return problem;
	}
	return undefined;
}

function fieldProblem(field: Field, text: string): string | undefined {
	for (const part of text.split(",")) {
		const match = PART.exec(part);
		if (!match) return `"${part}" is no ${field.name}: write *, a number, a range such as 1-5, or steps such as */15`;
		const [, star, from, to, step] = match;
		if (step !== undefined && Number(step) === 0) return `a step of 0 in "${part}" never comes: write 1 or more`;
		if (star !== undefined) continue;
		const first = numberOf(field, from ?? "");
		const last = to === undefined ? first : numberOf(field, to);
		if (first === undefined || last === undefined) return `"${part}" is no ${field.name}: it goes from ${field.least} to ${field.most}`;
		if (last < first) return `the range "${part}" ends before it begins`;
	}
	return undefined;
}

function numberOf({ least, most, words }: Field, text: string): number | undefined {
	const word = words.indexOf(text.toLowerCase());
	const value = word === -1 ? Number(text) : word + least;
	return /^\d{1,2}$/.test(text) || word !== -1 ? (value >= least && value <= most ? value : undefined) : undefined;
}

export const schedule = z
	.string()
	.max(256)
	.superRefine((text, context) => {
		const problem = scheduleProblem(text);
		if (problem) context.addIssue({ code: "custom", message: problem });
	});

/** Whether the runtime knows a time zone of the IANA database. Offsets such as `+02:00` are none: they miss summer time. */
export function isTimeZone(name: string): boolean {
	if (!/^[A-Za-z]/.test(name)) return false;
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}

export const timeZone = z
	.string()
	.max(64)
	.superRefine((name, context) => {
		if (!isTimeZone(name)) context.addIssue({ code: "custom", message: `unknown time zone ${name}` });
	});
