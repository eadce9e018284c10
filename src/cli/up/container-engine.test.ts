import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containersKey, INTERCEPTOR_IMAGE, prepareContainers, removeContainers } from "./container-engine.ts";
import { Docker } from "./docker.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "klaw-engine-"));
	writeFileSync(join(dir, "Dockerfile"), "FROM scratch");
	writeFileSync(join(dir, "node.js"), "1");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A container engine's command that writes down what it is told and then runs `script`, with the arguments in `$*`. */
function engine(script: string): { env: Record<string, string>; asked(): string[] } {
	const bin = join(dir, "engine");
	writeFileSync(bin, `#!/bin/sh\necho "$*" >> ${dir}/asked\n${script}\n`, { mode: 0o755 });
	return {
		env: { WRANGLER_DOCKER_BIN: bin, PATH: process.env.PATH ?? "" },
		asked: () => readFileSync(join(dir, "asked"), "utf8").trim().split("\n"),
	};
}

function prepare(env: Record<string, string>) {
	const installation = { dockerfile: join(dir, "Dockerfile"), node: join(dir, "node.js") };
	const signal = new AbortController().signal;
	return prepareContainers({ docker: new Docker(env), installation, dataDir: dir, env, progress: () => undefined, signal });
}

describe("what containers need", () => {
	it("is had once: the sidecar is pulled, and the node's image is built under a tag of its content", async () => {
		const { env, asked } = engine('case "$*" in "image inspect"*) exit 1;; esac');
		const first = await prepare(env);
		expect(first.interceptorImage).toBe(INTERCEPTOR_IMAGE);
		expect(asked()).toContainEqual(`pull ${INTERCEPTOR_IMAGE}`);
		expect(asked()).toContainEqual(expect.stringContaining(`build --tag ${first.image} `));
		writeFileSync(join(dir, "node.js"), "2");
		expect((await prepare(env)).image).not.toBe(first.image);
	});

	it("that is there is not had again, and the engine and the sidecar are those of the environment", async () => {
		const { env, asked } = engine("exit 0");
		const given = { ...env, DOCKER_HOST: "unix:///run/other.sock", MINIFLARE_CONTAINER_EGRESS_IMAGE: "mine" };
		expect(await prepare(given)).toMatchObject({ socket: "unix:///run/other.sock", interceptorImage: "mine" });
		expect(asked().filter((line) => /^(build|pull)/.test(line))).toEqual([]);
	});

	it.each([
		[
			"no command of an engine",
			{ WRANGLER_DOCKER_BIN: "/nowhere/docker" },
			/--containers needs Docker.*no such command.*leave out --containers/,
		],
		["no engine behind it", undefined, /--containers needs Docker.*Cannot connect to the daemon.*Start it/],
	])("is said in a sentence when there is %s", async (_, env, message) => {
		await expect(prepare(env ?? engine('echo "Cannot connect to the daemon." >&2; exit 1').env)).rejects.toThrow(message);
	});

	it("that could not be built is said with the engine's words", async () => {
		const { env } = engine('case "$*" in build*) echo "no space left" >&2; exit 1;; *klaw-node*) exit 1;; esac');
		await expect(prepare(env)).rejects.toThrow("The node's image could not be built: no space left.");
	});
});

describe("containers of a data directory", () => {
	it("are those of its key only, and all of them are removed, though another removes some at the same time", async () => {
		const list = `case "$*" in ps*) if [ -e ${dir}/tried ]; then echo b; else echo a; echo b; fi;; esac
case "$*" in "rm --force --volumes a b") touch ${dir}/tried; exit 1;; "rm --force --volumes b") : > ${dir}/engine;; esac`;
		const { env, asked } = engine(list);
		expect(await removeContainers(new Docker(env), dir)).toBe(2);
		expect(asked()[0]).toContain(`name=workerd-${containersKey(dir)}-`);
		expect(containersKey(dir)).not.toBe(containersKey(`${dir}2`));
	});
});
