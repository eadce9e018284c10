import { expect, it } from "vitest";
import { USAGE, wantsHelp } from "./usage.ts";

it("help is asked for anywhere in the line, as the image puts its own flags first", () => {
	expect(wantsHelp(["--data", "/data", "--help"])).toBe(true);
	expect(wantsHelp(["--data", "/data", "join", "http://127.0.0.1:8787", "-h"])).toBe(true);
	expect(wantsHelp(["--data", "/data", "join", "http://127.0.0.1:8787", "--name", "helper"])).toBe(false);
});

it("the help names every flag that is for people", () => {
	for (const flag of ["token-file", "certificate-authority", "name", "labels", "taints", "capacity", "workspace-root"])
		expect(USAGE).toContain(`  --${flag} `);
});
