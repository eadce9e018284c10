import { appendFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { prepareContainers } from "../../src/cli/up/container-engine.ts";
import { Docker } from "../../src/cli/up/docker.ts";
import { type Klaw, ROOT, until } from "../e2e/klaw-process.ts";
import { klawWithContainers } from "./engine.ts";

const docker = new Docker(process.env);
const WHOLE = `klaw-test-whole:${process.pid}`;
const BROKEN = `klaw-test-broken:${process.pid}`;

let klaw: Klaw;
/** What klaw starts containers of. */
let image: string;
let dir: string;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "klaw-installed-"));
	const { node, dockerfile, program } = await install(dir);
	const options = { docker, installation: { node, dockerfile }, dataDir: dir, env: process.env, progress: () => undefined };
	({ image } = await prepareContainers({ ...options, signal: new AbortController().signal }));
	await docker.output(["tag", image, WHOLE]);
	klaw = await klawWithContainers({ sleepAfter: "1s" }, program);
});
afterAll(async () => {
	await klaw?.stop();
	await klaw?.remove();
	// Not that of klaw: its layers are what the next one is built of in seconds, after which klaw removes it.
	for (const name of [WHOLE, BROKEN]) await docker.output(["rmi", name]).catch(() => undefined);
	if (dir) await rm(dir, { recursive: true, force: true });
});

/** An installation with an image of its own: breaking that breaks it for nobody else on this machine, also when the test is killed. */
async function install(to: string) {
	for (const path of ["bin", "dist", "examples", "package.json", "containers/node/Dockerfile"])
		await cp(join(ROOT, path), join(to, path), { recursive: true });
	await symlink(join(ROOT, "node_modules"), join(to, "node_modules"));
	const dockerfile = join(to, "containers/node/Dockerfile");
	await appendFile(dockerfile, `LABEL klaw.test=${JSON.stringify(to)}\n`);
	return { node: join(to, "dist/node.js"), dockerfile, program: join(to, "bin/klaw.js") };
}

/** From now on the name of klaw's image is that of one with this line more in its Dockerfile. */
async function breakImage(line: string): Promise<void> {
	const context = join(dir, "context");
	await mkdir(context, { recursive: true });
	await writeFile(join(context, "Dockerfile"), `FROM ${WHOLE}\n${line}\n`);
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
	["its own last lines", "said", "RUN mkdir /data/node.json", /started: the data directory \/data .*\nIsolation: \w+\. /],
	["the exit code of a process that ended without any", "exited", 'ENTRYPOINT ["sh", "-c", "exit 7"]', /exit code:? 7/],
])("a container that does not start is explained with %s, and whoever waits goes on once it does", async (_, name, line, why) => {
	await until(async () => (await klaw.api("GET", "/api/v1/nodes")).body.items.length === 0, 60_000);
	await breakImage(line);
	await klaw.createTask(name, { agent: "default", prompt: "$ echo came" });
	await until(async () => why.test(await waitingFor(name)), 120_000);
	expect(await waitingFor(name)).toMatch(/^0\/\d nodes are available: .* No container could be started: /s);
	await until(async () => (await failures()).some((message) => why.test(message)), 10_000);

	await docker.output(["tag", WHOLE, image]);
	expect(await klaw.taskEnd(name, 240_000)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("came") });
});
