import { expect, it } from "vitest";
import { formatTable, type Table, TablePrinter } from "./table.ts";

const table: Table = {
	kind: "Table",
	columnDefinitions: [{ name: "Name", format: "name" }, { name: "Phase", priority: 0 }, { name: "Age" }, { name: "Prompt", priority: 1 }],
	rows: [
		{
			cells: ["a-long-name", "Running", "5d3h", "one\n  two"],
			object: { metadata: { namespace: "team", labels: { "klaw.sh/tier": "gold", app: "x" } } },
		},
		{ cells: ["b", null, 3, ""], object: { metadata: { namespace: "default" } } },
	],
};

it("columns are three spaces apart, and what is not known is empty", () => {
	expect(formatTable(table, {})).toBe("NAME          PHASE     AGE\na-long-name   Running   5d3h\nb                       3\n");
});

it("columns of low priority show when wide, and of a cell its first line", () => {
	expect(formatTable(table, { wide: true, headers: false })).toBe(
		"a-long-name   Running   5d3h   one...\nb                       3      \n",
	);
});

it("a column is at least six characters wide", () => {
	const narrow: Table = { kind: "Table", columnDefinitions: [{ name: "A" }, { name: "B" }], rows: [{ cells: ["1", "2"] }] };
	expect(formatTable(narrow, { headers: false })).toBe("1     2\n");
});

it("namespace, kind and labels are columns of the client's own", () => {
	const options = { withNamespace: true, kind: "task.klaw.sh", labelColumns: ["klaw.sh/tier"], showLabels: true };
	expect(formatTable(table, options)).toBe(
		"NAMESPACE   NAME                       PHASE     AGE    TIER   LABELS\n" +
			"team        task.klaw.sh/a-long-name   Running   5d3h   gold   app=x,klaw.sh/tier=gold\n" +
			"default     task.klaw.sh/b                       3             <none>\n",
	);
});

it("the rows of a watch stay in the columns of those before, under the same heads", () => {
	const printer = new TablePrinter({});
	printer.print(table, "ADDED");
	expect(printer.print({ ...table, rows: [{ cells: ["c", "Failed", "1s"] }] }, "MODIFIED")).toBe("MODIFIED   c             Failed    1s\n");
});

it("a cell cannot steer the terminal", () => {
	const sly: Table = { kind: "Table", columnDefinitions: [{ name: "Name" }], rows: [{ cells: ["\u001b[2Jx"] }] };
	expect(formatTable(sly, { headers: false })).toBe("^[[2Jx\n");
});
