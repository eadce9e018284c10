import { describe, expect, it } from "vitest";
import { readFlags } from "./flags.ts";

const NEEDED = ["--url", "http://127.0.0.1:8787", "--name", "local", "--data", "d", "--token-file", "t"];

describe("readFlags", () => {
	it("reads labels and capacity", () => {
		const flags = readFlags([
			...NEEDED,
			"--labels",
			"zone=a,klaw.sh/local=",
			"--capacity",
			"cpu=1500m,memory=4Gi,slots=16",
			"--exit-with-parent",
		]);
		expect(flags).toEqual({
			...{ url: "http://127.0.0.1:8787", name: "local", data: "d", tokenFile: "t" },
			labels: { zone: "a", "klaw.sh/local": "" },
			capacity: { cpu: 1.5, memory: 4 * 2 ** 30, slots: 16 },
			exitWithParent: true,
		});
	});

	it("leaves to the machine what is not given", () => {
		expect(readFlags([...NEEDED, "--capacity", "slots=2"])).toMatchObject({ labels: {}, capacity: { slots: 2 }, exitWithParent: false });
	});

	it.each([
		[NEEDED.slice(2), "--url is missing"],
		[NEEDED.slice(0, 6), "--token-file is missing"],
		[[...NEEDED, "--capacity", "gpu=1"], 'holds "gpu"'],
		[[...NEEDED, "--capacity", "memory=lots"], '"lots" is not a quantity'],
		[[...NEEDED, "--capacity", "slots=0"], "must be more than nothing"],
		[[...NEEDED, "--labels", "novalue"], '"novalue", which is not key=value'],
		[[...NEEDED, "--token", "secret"], "--token"],
	])("says what is wrong with %j", (args, message) => {
		expect(() => readFlags(args)).toThrow(message);
	});
});
