/**
 * `npm run bench`: measures how fast and how small klaw is, against the real `klaw up`, and prints one table. It asserts
 * nothing: a target that is missed is a line of the table; only a part that did not run makes it exit with 1.
 *
 *   --only steps,bash   these parts
 *   --quick             few repetitions, to see that it works
 *   --seed 7            of the moments at which the recovery part kills; absent: another one each time
 *   --out FILE          where the figures go; absent: test/bench/results.json after a whole run, nowhere after others
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Figure } from "./figure.ts";
import { busyPercent, thisMachine } from "./machine.ts";
import { PARTS } from "./parts.ts";
import { table } from "./table.ts";

/** How long the machine is watched before each part. */
const BUSY_WATCH_MS = 500;
/** Percent of all processors. */
const BUSY_TOO_MUCH = 20;

const { values: flags } = parseArgs({
	options: { only: { type: "string" }, quick: { type: "boolean", default: false }, seed: { type: "string" }, out: { type: "string" } },
});
const wanted = flags.only?.split(",") ?? PARTS.map(({ name }) => name);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
	console.error(`error: The bench has no part "${unknown.join(", ")}". Its parts are ${PARTS.map(({ name }) => name).join(", ")}.`);
	process.exit(2);
}

const whole = flags.only === undefined && !flags.quick;
const out = flags.out ?? (whole ? join(import.meta.dirname, "results.json") : undefined);
const seed = flags.seed === undefined ? Date.now() % 1_000_000 : Number(flags.seed);
const begunAt = Date.now();
const figures: (Figure & { part: string })[] = [];
const busyBefore: Record<string, number> = {};
const failures: { part: string; error: string }[] = [];

for (const { name, measure } of PARTS.filter((part) => wanted.includes(part.name))) {
	const progress = (line: string) => console.error(`[${((Date.now() - begunAt) / 1000).toFixed(0).padStart(3)} s] ${name}: ${line}`);
	try {
		progress("begins");
		const busy = await busyPercent(BUSY_WATCH_MS);
		if (busy > BUSY_TOO_MUCH) progress(`others keep ${busy} % of this machine busy; what is measured now is slower than klaw`);
		busyBefore[name] = busy;
		for (const figure of await measure({ quick: flags.quick, seed, progress })) figures.push({ part: name, ...figure });
	} catch (error) {
		failures.push({ part: name, error: error instanceof Error ? error.message : String(error) });
		progress(`did not run: ${error instanceof Error ? error.stack : error}`);
	}
}

const machine = thisMachine();
const seconds = Math.round((Date.now() - begunAt) / 1000);
console.log(table(machine, figures));
for (const { part, error } of failures) console.log(`${part} did not run: ${error}`);
const disturbed = Object.entries(busyBefore).filter(([, percent]) => percent > BUSY_TOO_MUCH);
if (disturbed.length > 0)
	console.log(`Others kept the machine busy before: ${disturbed.map(([name, percent]) => `${name} ${percent} %`).join(", ")}.`);
console.log(`\n${flags.quick ? "--quick: too few samples to mean anything. " : ""}Took ${seconds} s; seed ${seed}.`);
if (out !== undefined) {
	const results = { date: new Date(begunAt).toISOString(), seconds, quick: flags.quick, seed, machine, busyBefore, figures, failures };
	writeFileSync(out, `${JSON.stringify(results, null, "\t")}\n`);
	console.log(`The figures are in ${out}.`);
}
process.exitCode = failures.length > 0 ? 1 : 0;
