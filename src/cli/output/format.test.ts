import { expect, it } from "vitest";
import type { KubeList, KubeObject } from "../objects.ts";
import { formatObject, parseFormat } from "./format.ts";

const task: KubeObject = {
	apiVersion: "klaw.sh/v1",
	kind: "Task",
	metadata: { name: "t" },
	status: { phase: "Succeeded", result: "two\nlines" },
};
const node: KubeObject = { apiVersion: "v1", kind: "Node", metadata: { name: "local" } };
const list: KubeList = { apiVersion: "v1", kind: "List", items: [task, node] };

it.each([
	["name", "task.klaw.sh/t\nnode/local\n"],
	["jsonpath={.items[*].metadata.name}", "t local"],
	['jsonpath={range .items[*]}{.kind}{"\\n"}{end}', "Task\nNode\n"],
])("-o %s prints a list as %j", (option, expected) => {
	expect(formatObject(list, parseFormat(option))).toBe(expected);
});

it("-o json and -o yaml print the object as it is", () => {
	expect(JSON.parse(formatObject(task, parseFormat("json")))).toEqual(task);
	expect(formatObject(task, parseFormat("yaml"))).toBe(
		"apiVersion: klaw.sh/v1\nkind: Task\nmetadata:\n  name: t\nstatus:\n  phase: Succeeded\n  result: |-\n    two\n    lines\n",
	);
});

it("an unknown format is refused with those that there are", () => {
	expect(() => parseFormat("xml")).toThrow(
		'unable to match a printer suitable for the output format "xml", allowed formats are: custom-columns,',
	);
});
