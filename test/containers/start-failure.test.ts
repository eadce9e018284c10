import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { prepareContainers } from "../../src/cli/up/container-engine.ts";
import { Docker } from "../../src/cli/up/docker.ts";
import { findInstallation } from "../../src/cli/up/installation.ts";
import { type Klaw, until } from "../e2e/klaw-process.ts";
import { klawWithContainers } from "./engine.ts";

const docker = new Docker(process.env);
const WHOLE = `klaw-test-whole:${process.pid}`;
const BROKEN = `klaw-test-broken:${process.pid}`;

let klaw: Klaw;
/** What klaw starts containers of. */
let image: string;
let context: string;
beforeAll(async () => {
	klaw = await klawWithContainers({ sleepAfter: "1s" });
	context = await mkdtemp(join(tmpdir(), "klaw-image-"));
	const options = { docker, installation: findInstallation(), dataDir: klaw.dir, env: process.env, progress: () => undefined };
	({ image } = await prepareContainers({ ...options, signal: new AbortController().signal }));
	await docker.output(["tag", image, WHOLE]);
});
afterEach(() => docker.output(["tag", WHOLE, image]));
afterAll(async () => {
	await klaw?.stop();
	await klaw?.remove();
	for (const name of [WHOLE, BROKEN]) await docker.output(["rmi", name]).catch(() => undefined);
	if (context) await rm(context, { recursive: true, force: true });
});

/** From now on the name of klaw's image is that of one with these lines more in its Dockerfile. */
async function breakImage(...lines: string[]): Promise<void> {
	await writeFile(join(context, "Dockerfile"), [`FROM ${WHOLE}`, ...lines, ""].join("\n"));
	await docker.output(["build", "--tag", BROKEN, context]);
	await docker.output(["tag", BROKEN, image]);
}

async function failures(): Promise<string[]> {
	const { items } = (await klaw.api("GET", "/api/v1/namespaces/default/events")).body;
	return items.filter(({ reason }: { reason: string }) => reason === "FailedToStart").map(({ message }: { message: string }) => message);
}

const waitingFor = async (session: string): Promise<string> =>
	(await klaw.api("GET", `/apis/klaw.sh/v1/namespaces/default/sessions/${session}`)).body.status?.waitingFor ?? "";

it.each([
	["the runtime's own words", ["RUN rm -rf /data/workspaces && touch /data/workspaces"], /workspaces/],
	["the exit code of a process that ended without any", ['ENTRYPOINT ["sh", "-c", "exit 7"]'], /exit code:? 7/],
])("a container that does not start is explained with %s, and whoever waits goes on once it does", async (_, lines, why) => {
	const name = `waits-${lines.length}-${why.source.length}`;
	await until(async () => (await klaw.api("GET", "/api/v1/nodes")).body.items.length === 0, 60_000);
	await breakImage(...lines);
	await klaw.createTask(name, { agent: "default", prompt: "$ echo came" });
	await until(async () => why.test(await waitingFor(name)), 120_000);
	expect(await waitingFor(name)).toMatch(/^0\/\d nodes are available: .* No container could be started: /s);
	await until(async () => (await failures()).some((message) => why.test(message)), 10_000);

	await docker.output(["tag", WHOLE, image]);
	expect(await klaw.taskEnd(name, 240_000)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("came") });
});
