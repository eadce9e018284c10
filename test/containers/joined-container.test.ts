import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { prepareContainers } from "../../src/cli/up/container-engine.ts";
import { Docker } from "../../src/cli/up/docker.ts";
import { findInstallation } from "../../src/cli/up/installation.ts";
import { Klaw, until } from "../e2e/klaw-process.ts";

const docker = new Docker(process.env);
/** Of the container and of its volume. */
const NAME = `klaw-test-joined-${process.pid}`;

let klaw: Klaw;
let image: string;
beforeAll(async () => {
	klaw = await Klaw.start({ args: ["--no-node"] });
	const options = { docker, installation: findInstallation(), dataDir: klaw.dir, env: process.env, progress: () => undefined };
	({ image } = await prepareContainers({ ...options, signal: new AbortController().signal }));
});
afterAll(async () => {
	await docker.output(["rm", "--force", NAME]).catch(() => undefined);
	await docker.output(["volume", "rm", NAME]).catch(() => undefined);
	await klaw?.stop();
	await klaw?.remove();
});

/** As docs/nodes.md has it, with the volume that keeps who it is, and with the right to hide processes. */
const FLAGS = ["--detach", "--name", NAME, "--network", "host", "--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined"];
const run = (...args: string[]) => docker.output(["run", ...FLAGS, "-v", `${NAME}:/data`, ...args]);

async function readyNodes(): Promise<string[]> {
	const { items } = (await klaw.api("GET", "/api/v1/nodes")).body;
	return items
		.filter(({ status }: { status: { conditions: { type: string; status: string }[] } }) =>
			status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True"),
		)
		.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
}

it("says what to give it when it is asked", async () => {
	const help = await docker.output(["run", "--rm", image, "--help"]);
	expect(help).toContain("Usage: docker run -v VOLUME:/data");
	expect(help).toContain("--token-file");
});

it("a container of the image joins, its sessions have names, and a killed one comes back over its volume as the same node", async () => {
	const token = join(klaw.dir, "token");
	await writeFile(token, `${await klaw.joinToken()}\n`);
	await run("-v", `${token}:/root/token:ro`, image, "join", klaw.url, "--token-file", "/root/token", "--name", "joined-1");
	await until(async () => (await readyNodes()).includes("joined-1"), 30_000);

	const who = '$ whoami; python3 -c "import getpass, pwd, os; print(getpass.getuser(), os.stat(pwd.getpwuid(os.getuid()).pw_dir).st_uid)"';
	const prompt = `${who}; cat /root/token /proc/1/cmdline; echo one > kept.txt\n$ echo half > lost.txt; sleep 300\n$ cat kept.txt; ls`;
	await klaw.createTask("joined", { agent: "default", prompt });
	const lost = () => docker.output(["exec", NAME, "sh", "-c", "cat /data/workspaces/*/lost.txt"]).catch(() => "");
	await until(async () => (await lost()) === "half\n", 30_000);
	await docker.output(["kill", "--signal", "KILL", NAME]);
	await docker.output(["rm", NAME]);
	// Neither a token nor a name.
	await run(image, "join", klaw.url);

	const { phase, result } = await klaw.taskEnd("joined");
	expect(phase).toBe("Succeeded");
	expect(result).toMatch(/^(klaw-\d+)\n\1 \d+$/m);
	expect(result).toContain("cat: /root/token: Permission denied");
	expect(result).toContain("cat: /proc/1/cmdline: No such file or directory");
	expect(result).toContain("outcome unknown");
	expect(result).toMatch(/\none\nkept\.txt$/);
	expect(await readyNodes()).toEqual(["joined-1"]);
});
