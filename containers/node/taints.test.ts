import { expect, it } from "vitest";
import { taintsOf } from "./taints.ts";

it("taints are read as kubectl writes them", () => {
	expect(taintsOf("gpu=yes:NoSchedule,example.com/old:NoExecute,soft=:PreferNoSchedule")).toEqual([
		{ key: "gpu", value: "yes", effect: "NoSchedule" },
		{ key: "example.com/old", effect: "NoExecute" },
		{ key: "soft", effect: "PreferNoSchedule" },
	]);
	expect([taintsOf(), taintsOf("")]).toEqual([[], []]);
});

it.each([
	["gpu", '"gpu", which is not key=value:Effect'],
	["=x:NoSchedule", "which is not key=value:Effect"],
	["gpu=yes:Never", 'with the effect "Never". There are NoSchedule, PreferNoSchedule, NoExecute.'],
	["gpu=yes:", 'with the effect "".'],
	["a b:NoSchedule", "name part must consist of"],
	["a=b c:NoSchedule", "a valid label must be"],
	["a=1:NoExecute,a=2:NoExecute", "a with the effect NoExecute more than once"],
])("%j is no list of taints", (text, message) => {
	expect(() => taintsOf(text)).toThrow(message);
});

it("a taint may be there with several effects", () => {
	expect(taintsOf("a=1:NoExecute,a=1:NoSchedule")).toHaveLength(2);
});
