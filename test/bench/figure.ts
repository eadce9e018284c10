/** One line of the table. Either `value` or both percentiles are set. */
export interface Figure {
	what: string;
	unit: string;
	value?: number;
	p50?: number;
	p95?: number;
	/** Samples behind the numbers. */
	n: number;
	/** The sentence of the requirement; absent: there is none. */
	target?: string;
	met?: boolean;
	/** How it was measured, where that is not plain. */
	note?: string;
}

interface About {
	what: string;
	unit: string;
	note?: string;
}

/** A number on its own. */
export function single(
	about: About & { value: number; n: number },
	limit: { atMost?: number; below?: number; atLeast?: number } = {},
): Figure {
	const { value, unit } = about;
	const { atMost, below, atLeast } = limit;
	const figure = { ...about, value: round(value) };
	if (atMost !== undefined) return { ...figure, target: `≤ ${atMost} ${unit}`, met: value <= atMost };
	if (below !== undefined) return { ...figure, target: `< ${below} ${unit}`, met: value < below };
	if (atLeast !== undefined) return { ...figure, target: `≥ ${atLeast} ${unit}`, met: value >= atLeast };
	return figure;
}

/** Percentiles of samples. @throws Error when there are none: then something did not run. */
export function distribution(about: About & { samples: readonly number[] }, limit: { p50?: number; p95?: number } = {}): Figure {
	const { samples, ...rest } = about;
	const p50 = percentile(samples, 50);
	const p95 = percentile(samples, 95);
	const figure: Figure = { ...rest, p50: round(p50), p95: round(p95), n: samples.length };
	const limits = [
		{ name: "p50", value: p50, atMost: limit.p50 },
		{ name: "p95", value: p95, atMost: limit.p95 },
	].flatMap(({ atMost, ...of }) => (atMost === undefined ? [] : [{ ...of, atMost }]));
	if (limits.length === 0) return figure;
	figure.target = limits.map(({ name, atMost }) => `${name} ≤ ${atMost} ${rest.unit}`).join(", ");
	figure.met = limits.every(({ value, atMost }) => value <= atMost);
	return figure;
}

/** By the nearest rank. @throws Error without samples */
export function percentile(samples: readonly number[], percent: number): number {
	const sorted = samples.toSorted((a, b) => a - b);
	const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
	if (value === undefined) throw new Error("There is nothing to take a percentile of: no sample was measured.");
	return value;
}

/** The times between successive moments. */
export function intervals(moments: readonly number[]): number[] {
	return moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
}

/** Three digits after the point below ten, three significant ones below a hundred, whole numbers above. */
function round(value: number): number {
	if (Math.abs(value) < 10) return Number(value.toFixed(3));
	return Math.abs(value) < 100 ? Number(value.toPrecision(3)) : Math.round(value);
}
