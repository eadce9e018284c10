import type { Figure } from "./figure.ts";
import type { Machine } from "./machine.ts";

/** The figures as lines of text, under a line about the machine. */
export function table(machine: Machine, figures: readonly Figure[]): string {
	const head = ["what", "value", "p50", "p95", "n", "target", "met"];
	const rows = figures.map(({ what, unit, value, p50, p95, n, target = "", met }) => [
		what,
		amount(value, unit),
		amount(p50, unit),
		amount(p95, unit),
		String(n),
		target,
		met === undefined ? "" : met ? "yes" : "NO",
	]);
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (cells: string[]) =>
		cells
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd();
	const { cpu, cores, memoryGiB, system, node, workerd } = machine;
	return [
		`${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}, Node ${node}, workerd ${workerd}`,
		"",
		line(head),
		line(widths.map((width) => "─".repeat(width))),
		...rows.map(line),
	].join("\n");
}

function amount(value: number | undefined, unit: string): string {
	return value === undefined ? "" : `${value} ${unit}`;
}
