import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");

/** Without comments and empty lines. */
const settings = (toml: string) => toml.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

it("the deployment with containers is the one without, and the containers", async () => {
	const [plain, withContainers] = [settings(await read("wrangler.toml")), settings(await read("wrangler.containers.toml"))];
	expect(withContainers.slice(0, plain.length)).toEqual(plain);
	expect(withContainers[plain.length]).toBe("[[containers]]");
});
