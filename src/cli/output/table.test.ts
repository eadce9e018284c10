import { expect, it } from "vitest";
import { formatTable, type Table } from "./table.ts";

const table: Table = {
	kind: "Table",
	columnDefinitions: [{ name: "Name" }, { name: "Phase", priority: 0 }, { name: "Age" }, { name: "Prompt", priority: 1 }],
	rows: [{ cells: ["a-long-name", "Running", "5d3h", "one\n  two"] }, { cells: ["b", null, 3, ""] }],
};

it("columns are three spaces apart, with nothing after the last one", () => {
	expect(formatTable(table, { wide: false, headers: true })).toBe(
		"NAME          PHASE     AGE\n" + "a-long-name   Running   5d3h\n" + "b             <none>    3\n",
	);
});

it("columns of low priority show when wide, each cell on one line", () => {
	expect(formatTable(table, { wide: true, headers: false })).toBe(
		"a-long-name   Running   5d3h   one two\nb             <none>    3      <none>\n",
	);
});
