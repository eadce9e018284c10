import { expect, it } from "vitest";
import { nodeName } from "./node-name.ts";

it.each([
	["Build-Box.example.com", "build-box"],
	["my_mac", "my-mac"],
	["-odd-", "odd"],
	["日本", "node"],
	["", "node"],
	["x".repeat(80), "x".repeat(63)],
])("the host %j joins as node %j", (host, name) => {
	expect(nodeName(host)).toBe(name);
});
