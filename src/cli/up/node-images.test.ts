import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Docker } from "./docker.ts";
import { type Machine, nodeImageName, removeOldNodeImages, useNodeImage } from "./node-images.ts";

const [OLD, IN_CONTAINER, OF_ANOTHER, NEW] = ["000000000001", "000000000002", "000000000003", "000000000004"].map(nodeImageName);

const machine: Machine = { host: "a", boot: "1", processes: "1" };

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "klaw-images-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** An engine that has these images, as `id tag` lines, and refuses to remove the one that a container uses. */
function engine(images: string) {
	const bin = join(dir, "engine");
	const script = `case "$*" in images*) cat ${dir}/images;; "rmi ${IN_CONTAINER}") echo conflict >&2; exit 1;; esac`;
	writeFileSync(join(dir, "images"), images);
	writeFileSync(bin, `#!/bin/sh\necho "$*" >> ${dir}/asked\n${script}\n`, { mode: 0o755 });
	const docker = new Docker({ WRANGLER_DOCKER_BIN: bin, PATH: process.env.PATH });
	return {
		docker,
		asked: (verb: string) =>
			readFileSync(join(dir, "asked"), "utf8")
				.split("\n")
				.filter((line) => line.startsWith(verb)),
	};
}

it("images of earlier versions go, but for those that a container or another klaw up uses, and those of people", async () => {
	const { docker, asked } = engine(
		"a 000000000001\nb 000000000002\nc 000000000003\nc used-by-77\nd 000000000004\nd used-by-5\ne dev\nf latest\n",
	);
	await removeOldNodeImages(NEW ?? "", { docker });
	// The engine is asked about the one in a container, and keeps it.
	expect(asked("rmi")).toEqual([`rmi ${OLD}`, `rmi ${IN_CONTAINER}`]);
	expect(asked("rmi")).not.toContain(`rmi ${OF_ANOTHER}`);
});

it("a klaw up marks the image that it uses, and takes away the marks of those that are gone", async () => {
	const { docker, asked } = engine("c 000000000003\nc used-by-77\nd used-by-78\nd used-by-5\n");
	await useNodeImage(NEW ?? "", { docker, pid: 5, isAlive: (pid) => pid !== 77, machine });
	expect(asked("tag")).toHaveLength(1);
	expect(asked("rmi")).toEqual(["rmi klaw-node:used-by-77"]);
});

it("a klaw up leaves the marks of other machines and containers on its engine, and takes away those of before a reboot", async () => {
	const mark = async (of: Partial<Machine>, pid: number) => {
		const { docker, asked } = engine("");
		await useNodeImage(NEW ?? "", { docker, pid, isAlive: () => true, machine: { ...machine, ...of } });
		return asked("tag").at(-1)?.split(" ").at(-1) ?? "";
	};
	const dead = await mark({}, 77);
	const others = [await mark({ host: "b" }, 77), await mark({ processes: "2" }, 77), await mark({ host: "b", boot: "2" }, 77)];
	const before = await mark({ boot: "0", processes: "0" }, 77);
	const tags = [dead, ...others, before, await mark({}, 78)].map((name) => `c ${name.slice("klaw-node:".length)}`);
	const { docker, asked } = engine(tags.join("\n"));
	await useNodeImage(NEW ?? "", { docker, pid: 5, isAlive: (pid) => pid !== 77, machine });
	expect(asked("rmi")).toEqual([`rmi ${dead}`, `rmi ${before}`]);
});
