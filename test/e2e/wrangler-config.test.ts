import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { containerSettings } from "../../durable-objects/dispatcher/settings.ts";

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");

/** Without comments and empty lines. */
const settings = (toml: string) => toml.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

it("the deployment with containers is the one without, and the containers", async () => {
	const [plain, withContainers] = [settings(await read("wrangler.toml")), settings(await read("wrangler.containers.toml"))];
	const added = withContainers.filter((line) => !plain.includes(line));
	expect(plain.filter((line) => !withContainers.includes(line))).toEqual([]);
	expect(added[0]).toBe('\t{ name = "CONTAINER", class_name = "ContainerObject" },');
	expect(added.slice(1)).toEqual([
		"[vars]",
		expect.stringMatching(/^KLAW_CONTAINERS = /),
		"[[containers]]",
		'class_name = "ContainerObject"',
		expect.stringMatching(/^image = /),
		expect.stringMatching(/^image_build_context = /),
		expect.stringMatching(/^instance_type = /),
		expect.stringMatching(/^max_instances = /),
	]);
	// Whatever both have stands in the same order.
	expect(withContainers.filter((line) => !added.includes(line))).toEqual(plain);
});

it("the pool of containers is no larger than what Cloudflare is told to start, and what is promised is what an instance has", () => {
	const { vars, containers } = unstable_readConfig({ config: fileURLToPath(new URL("../../wrangler.containers.toml", import.meta.url)) });
	const pool = containerSettings(String(vars.KLAW_CONTAINERS));
	const [deployed] = containers ?? [];
	expect(pool?.max).toBe(deployed?.max_instances);
	// Of Cloudflare's standard-1.
	expect(deployed?.instance_type).toBe("standard-1");
	expect(pool?.capacity).toMatchObject({ cpu: 0.5, memory: 4 * 2 ** 30, ephemeralStorage: 8e9 });
});
