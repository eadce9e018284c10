import { expect, it } from "vitest";
import { capacityOption, nodeName, readNodeOptions } from "./node-options.ts";

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

it("labels and capacity are read as the node runtime reads them", () => {
	expect(readNodeOptions({ labels: "disk=ssd,zone=b", capacity: "cpu=500m,memory=1Gi,slots=4" })).toMatchObject({
		labels: { disk: "ssd", zone: "b" },
		capacity: { cpu: 0.5, memory: 2 ** 30, slots: 4 },
	});
});

it("a capacity that the runtime would refuse is refused before anything is started", () => {
	expect(capacityOption("cpu=2")).toBe("cpu=2");
	expect(() => capacityOption("gpu=1")).toThrow('--capacity holds "gpu". It knows cpu, memory and slots');
});
