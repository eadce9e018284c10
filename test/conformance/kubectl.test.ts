import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { findKubectl } from "./kubectl.ts";

it("A machine without kubectl fails the suite with the way to get one", () => {
	expect(() => findKubectl({ PATH: tmpdir() })).toThrow(
		/needs the real kubectl, and there is none on PATH\. Install version 1\.32 or newer/,
	);
	expect(() => findKubectl({ PATH: "/usr/bin", KUBECTL: "/no/kubectl" })).toThrow("KUBECTL names /no/kubectl, which cannot be run");
});

it("$KUBECTL goes before PATH", () => {
	expect(findKubectl({ PATH: "/usr/bin", KUBECTL: process.execPath })).toBe(process.execPath);
});
