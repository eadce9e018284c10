import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Json, KLAW, Klaw, lines, NAMESPACE, until } from "./klaw-process.ts";
import { RunningCommand } from "./running-command.ts";

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

const ok = (stdout: unknown) => ({ code: 0, stdout, stderr: "" });
const get = async (path: string): Promise<Json> => (await klaw.api("GET", `${NAMESPACE}/${path}`)).body;

/** Dispatches a task that goes on until it is cancelled, and returns the process id of its command. */
async function startEndless(name: string): Promise<number> {
	const file = join(klaw.dir, `${name}.pid`);
	expect(await klaw.cli(["dispatch", "--name", name, `$ echo $$ > ${file}; sleep 60`])).toMatchObject({ code: 0 });
	await until(async () => (await lines(file)).length === 1, 20_000);
	return Number(await readFile(file, "utf8"));
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

describe.concurrent("klaw create, get, describe and delete", () => {
	it("take an agent from its creation to its end", async () => {
		const flags = ["--model", "offline/shell", "--instructions", "Count files.", "--tools", "bash,read"];
		expect(await klaw.cli(["create", "agent", "counter", ...flags])).toEqual(ok("agent.klaw.sh/counter created\n"));
		expect((await get("agents/counter")).spec).toMatchObject({
			model: "offline/shell",
			instructions: "Count files.",
			tools: ["bash", "read"],
		});
		expect(await klaw.cli(["create", "agent", "counter"])).toEqual({
			code: 1,
			stdout: "",
			stderr: 'Error from server (AlreadyExists): agents.klaw.sh "counter" already exists\n',
		});

		const table = await klaw.cli(["get", "agents"]);
		expect(table.stdout).toMatch(/^NAME +STATUS +MODEL +LAST RUN +AGE\n/);
		expect(table.stdout).toMatch(/^counter +Idle +offline\/shell +<none> +\d+s$/m);
		const described = await klaw.cli(["describe", "agent", "counter"]);
		expect(described.stdout).toMatch(/^Name: +counter\nNamespace: +default\n[\s\S]*\nSpec:\n[\s\S]* {2}Instructions: +Count files\.\n/);

		expect(await klaw.cli(["delete", "agent", "counter"])).toEqual(ok('agent.klaw.sh "counter" deleted\n'));
		expect(await klaw.cli(["get", "agent/counter"])).toEqual({
			code: 1,
			stdout: "",
			stderr: 'Error from server (NotFound): agents.klaw.sh "counter" not found\n',
		});
	});

	it("print an object in every format that -o names", async () => {
		await klaw.cli(["create", "agent", "formats", "--model", "offline/shell"]);
		const print = async (format: string) => (await klaw.cli(["get", "agent", "formats", "-o", format])).stdout;
		const { metadata, ...rest } = await get("agents/formats");
		const { managedFields, ...shown } = metadata;
		expect(managedFields).toHaveLength(1);
		// As kubectl, it shows who set which field only when it is asked to.
		const object = { ...rest, metadata: shown };
		expect(JSON.parse(await print("json"))).toEqual(object);
		expect(parse(await print("yaml"))).toEqual(object);
		expect(await print("name")).toBe("agent.klaw.sh/formats\n");
		expect(await print("jsonpath={.spec.model}")).toBe("offline/shell");
		expect(await print("jsonpath={.metadata.name}{'\\t'}{.spec.limits.iterations}{'\\n'}")).toBe("formats\t50\n");
		expect(await print("wide")).toMatch(/SKILLS +TOOLS +SESSIONS +NODES +REVISION\n/);
		const list = JSON.parse((await klaw.cli(["get", "agents", "-o", "json"])).stdout);
		expect(list).toMatchObject({ kind: "List", apiVersion: "v1" });
		expect(list.items.map(({ kind }: Json) => kind)).toContain("Agent");
		expect((await klaw.cli(["get", "agents", "-o", "xml"])).stderr).toContain(
			'unable to match a printer suitable for the output format "xml"',
		);
	});

	it("know every kind, and say which when they are asked for another", async () => {
		for (const kind of ["agents", "tasks", "sessions", "nodes", "pods", "secrets", "clusterroles"])
			expect((await klaw.cli(["get", kind, "-o", "json"])).code).toBe(0);
		const { code, stderr } = await klaw.cli(["get", "pots"]);
		expect(code).toBe(1);
		expect(stderr).toBe('error: the server doesn\'t have a resource type "pots"\n');
	});
});

describe.concurrent("klaw apply -f", () => {
	const manifest = (name: string, instructions: string) =>
		`apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: ${name}}\nspec:\n  instructions: ${instructions}\n`;

	it("creates, changes and leaves alone, and klaw delete -f deletes", async () => {
		const file = join(klaw.dir, "agents.yaml");
		await writeFile(file, `${manifest("one", "First.")}---\n${manifest("two", "Second.")}`);
		expect(await klaw.cli(["apply", "-f", file])).toEqual(ok("agent.klaw.sh/one created\nagent.klaw.sh/two created\n"));
		await writeFile(file, `${manifest("one", "Changed.")}---\n${manifest("two", "Second.")}`);
		expect(await klaw.cli(["apply", "-f", file])).toEqual(ok("agent.klaw.sh/one configured\nagent.klaw.sh/two unchanged\n"));
		expect((await get("agents/one")).spec.instructions).toBe("Changed.");
		expect(await klaw.cli(["delete", "-f", file])).toEqual(ok('agent.klaw.sh "one" deleted\nagent.klaw.sh "two" deleted\n'));
	});

	it("takes what klaw get -o yaml printed, from its standard input", async () => {
		await klaw.cli(["apply", "-f", "-"], manifest("round", "Trip."));
		const { stdout } = await klaw.cli(["get", "agent", "round", "-o", "yaml"]);
		const changed = await klaw.cli(["apply", "-f", "-"], stdout.replace("  instructions: Trip.", "  instructions: About."));
		expect(changed).toEqual(ok("agent.klaw.sh/round configured\n"));
		expect((await get("agents/round")).spec.instructions).toBe("About.");
		// The file still says which version it was made of.
		expect((await klaw.cli(["apply", "-f", "-"], stdout)).stderr).toContain("the object has been modified");
	});
});

describe.concurrent("klaw dispatch", () => {
	it("prints the task's name, and with --wait its answer and nothing else on stdout", async () => {
		expect(await klaw.cli(["dispatch", "--name", "plain", "$ true"])).toEqual(ok("task.klaw.sh/plain created\n"));
		expect((await klaw.cli(["dispatch", "$ true", "-o", "name"])).stdout).toMatch(/^task\.klaw\.sh\/task-[0-9a-f]+\n$/);
		const waited = await klaw.cli(["dispatch", "--wait", "--timeout", "30s", "$ echo out; echo err >&2"]);
		expect(waited).toMatchObject({ code: 0, stdout: "I ran 1 command.\n\n$ echo out; echo err >&2\nout\nerr\n" });
		expect(waited.stderr).toMatch(/^● bash \$ echo out; echo err >&2\n {2}│ out\n {2}│ err\n\(2 steps, \d+ tokens in, \d+ out\)\n$/);
	});

	it("reads a prompt from standard input, and --wait -o json prints the task that is over", async () => {
		const { code, stdout } = await klaw.cli(["dispatch", "-", "--wait", "-o", "json"], "$ echo from a pipe\n");
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({
			kind: "Task",
			status: { phase: "Succeeded", result: expect.stringContaining("from a pipe") },
		});
	});

	it("exits with 1 and the reason on stderr when the task fails", async () => {
		const { code, stdout, stderr } = await klaw.cli(["dispatch", "--wait", "--model", "offline/poet", "Rhyme."]);
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(stderr).toMatch(/^The task task-\S+ failed \(UnknownModel\): There is no model offline\/poet\./m);
	});

	it("stops waiting after --timeout, says how to go on, and the task goes on until klaw cancel stops its command", async () => {
		const file = join(klaw.dir, "slow.pid");
		const begun = Date.now();
		const prompt = `$ echo $$ > ${file}; sleep 60`;
		const { code, stderr } = await klaw.cli(["dispatch", prompt, "--name", "slow", "--wait", "--timeout", "1s"]);
		expect(code).toBe(1);
		expect(Date.now() - begun).toBeLessThan(10_000);
		expect(stderr).toMatch(/^The task slow is not over after 1 s; it goes on\. Follow it with: klaw logs -f task\/slow$/m);
		await until(async () => (await lines(file)).length === 1, 20_000);
		const pid = Number(await readFile(file, "utf8"));
		expect(isAlive(pid)).toBe(true);
		expect((await get("tasks/slow")).status.phase).toBe("Running");

		expect(await klaw.cli(["cancel", "slow", "--reason", "not needed"])).toEqual(ok("task.klaw.sh/slow cancelled\n"));
		expect(await klaw.taskEnd("slow")).toMatchObject({ phase: "Cancelled", message: "Cancelled by system:admin: not needed" });
		await until(() => !isAlive(pid), 10_000);
	});

	it("that is interrupted leaves the task alone and exits as a shell reports a Ctrl-C", async () => {
		const file = join(klaw.dir, "left.pid");
		const dispatch = klaw.command(["dispatch", "--wait", "--name", "left", `$ echo $$ > ${file}; sleep 60`]);
		await until(async () => (await lines(file)).length === 1 && dispatch.stderr.includes("sleep 60"), 20_000);
		expect(await dispatch.kill("SIGINT")).toBe(130);
		expect(dispatch.stderr).toContain("it goes on. Follow it with: klaw logs -f task/left");
		expect((await get("tasks/left")).status.phase).toBe("Running");
		await klaw.cli(["delete", "task", "left"]);
		const pid = Number(await readFile(file, "utf8"));
		await until(() => !isAlive(pid), 10_000);
	});

	it.runIf(process.platform === "linux")("at a terminal shows that it is working when that takes longer than a second", async () => {
		const kubeconfig = join(klaw.data, "kubeconfig");
		const command = `${process.execPath} ${KLAW} dispatch --wait --kubeconfig ${kubeconfig} '$ sleep 1.5; echo done'`;
		const terminal = new RunningCommand("script", ["-qefc", command, "/dev/null"], {
			cwd: klaw.dir,
			env: { PATH: process.env.PATH, TERM: "xterm" },
		});
		await until(() => /\S working/.test(terminal.stdout), 20_000);
		expect(terminal.stdout).not.toContain("│ done");
		expect(await terminal.ended).toBe(0);
		expect(terminal.stdout).toContain("I ran 1 command.");
	});

	it("goes to the agent and the namespace that it is told", async () => {
		for (const namespace of ["team", "empty"]) await klaw.cli(["create", "namespace", namespace]);
		expect(await klaw.cli(["create", "agent", "reader", "-n", "team", "--tools", "read"])).toMatchObject({ code: 0 });
		const { code, stdout } = await klaw.cli(["dispatch", "$ date", "--agent", "reader", "-n", "team", "--wait"]);
		expect(code).toBe(0);
		expect(stdout).toContain("I did not run `$ date`: this agent does not have the tool bash.");
		expect((await klaw.cli(["get", "tasks", "-n", "team", "-o", "name"])).stdout).toMatch(/^task\.klaw\.sh\/\S+\n$/);
		expect((await klaw.cli(["dispatch", "Hello", "-n", "empty"])).stderr).toMatch(/namespace empty/);
		expect(await klaw.cli(["get", "tasks", "-n", "empty"])).toEqual({
			code: 0,
			stdout: "",
			stderr: "No resources found in empty namespace.\n",
		});
	});
});

describe.concurrent("klaw chat", () => {
	it("takes each line of its standard input for a message, and --session goes on where it was", async () => {
		const first = await klaw.cli(["chat", "--session", "talk"], "$ echo remembered > note.txt\n\n$ ls\n");
		expect(first.code).toBe(0);
		expect(first.stdout).toMatch(/● bash \$ echo remembered > note\.txt\n[\s\S]*● bash \$ ls\n {2}│ note\.txt\n/);
		expect(first.stderr).toBe("Session talk created. To resume it: klaw chat --session talk\n");

		const second = await klaw.cli(["chat", "--session", "talk"], "$ cat note.txt\n");
		expect(second.code).toBe(0);
		expect(second.stderr).toMatch(/^Session talk resumed\./);
		expect(second.stdout).toMatch(/^> \$ ls\n● bash \$ ls\n[\s\S]*● bash \$ cat note\.txt\n {2}│ remembered\n/);
		expect(second.stdout).not.toContain("● bash $ echo");
	});

	it("exits with 1 when a message could not be answered, after it has said the others", async () => {
		const { code, stdout } = await klaw.cli(["chat", "--model", "offline/poet"], "Rhyme.\nRhyme again.\n");
		expect(code).toBe(1);
		expect(stdout.match(/✗ Failed \(UnknownModel\): There is no model offline\/poet\./g)).toHaveLength(2);
	});

	it.runIf(process.platform === "linux")(
		"that is resumed at a terminal ends with its input, and nothing says that it still works",
		async () => {
			await klaw.cli(["chat", "--session", "ended"], "$ echo first\n");
			const kubeconfig = join(klaw.data, "kubeconfig");
			const command = `echo '$ sleep 1.5; echo second' | ${process.execPath} ${KLAW} chat --session ended --kubeconfig ${kubeconfig}`;
			const terminal = new RunningCommand("script", ["-qefc", command, "/dev/null"], {
				cwd: klaw.dir,
				env: { PATH: process.env.PATH, TERM: "xterm" },
			});
			expect(await terminal.ended).toBe(0);
			expect(terminal.stdout).toContain("│ \x1b[22msecond");
		},
	);

	it("cancels what the session does when it is interrupted", async () => {
		const file = join(klaw.dir, "chat.pid");
		const chat = klaw.command(["chat", "--session", "interrupted"]);
		chat.type(`$ echo $$ > ${file}; sleep 60\n`);
		await until(async () => (await lines(file)).length === 1, 20_000);
		expect(await chat.kill("SIGINT")).toBe(130);
		expect(chat.stdout).toMatch(/✗ Cancelled: Cancelled by system:admin: Ctrl-C in klaw chat/);
		const pid = Number(await readFile(file, "utf8"));
		await until(() => !isAlive(pid), 10_000);
	});
});

describe.concurrent("klaw cancel, klaw delete and klaw logs", () => {
	it("klaw cancel session/NAME stops what the session does and what waits in it", async () => {
		const pid = await startEndless("busy");
		await klaw.cli(["dispatch", "--name", "busy-next", "--session", "busy", "$ echo never"]);
		expect(await klaw.cli(["cancel", "session/busy"])).toEqual(ok("session.klaw.sh/busy cancelled\n"));
		for (const name of ["busy", "busy-next"]) expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Cancelled" });
		await until(() => !isAlive(pid), 10_000);
		await until(
			async () => (await klaw.cli(["cancel", "session/busy"])).stdout === "session.klaw.sh/busy was not doing anything\n",
			10_000,
		);
	});

	it("klaw cancel says of a task that is over how it ended", async () => {
		await klaw.cli(["dispatch", "--name", "over", "--wait", "$ true"]);
		expect(await klaw.cli(["cancel", "task", "over"])).toEqual(ok("task.klaw.sh/over was already Succeeded\n"));
	});

	it("klaw delete session NAME stops its command and removes its workspace", async () => {
		const pid = await startEndless("doomed");
		expect(await klaw.cli(["delete", "session", "doomed"])).toEqual(ok('session.klaw.sh "doomed" deleted\n'));
		await until(() => !isAlive(pid), 10_000);
		await until(async () => (await klaw.api("GET", `${NAMESPACE}/sessions/doomed`)).status === 404, 10_000);
		expect(await klaw.taskEnd("doomed")).toMatchObject({
			phase: "Cancelled",
			message: expect.stringContaining("session doomed was deleted"),
		});
	});

	it("each say what is missing when there is no such thing", async () => {
		const missing: Json[] = [];
		for (const args of [
			["cancel", "ghost"],
			["delete", "task", "ghost"],
			["logs", "ghost"],
			["describe", "session", "ghost"],
		])
			missing.push(await klaw.cli(args));
		for (const result of missing)
			expect(result).toEqual({
				code: 1,
				stdout: "",
				stderr: expect.stringMatching(/^Error from server \(NotFound\): (tasks|sessions)\.klaw\.sh "ghost" not found\n$/),
			});
	});
});

it("klaw node join makes a machine work for the cluster until Ctrl-C", async () => {
	const tokenFile = join(klaw.dir, "join-token");
	await writeFile(tokenFile, `${await klaw.joinToken()}\n`, { mode: 0o600 });
	const flags = ["--name", "second", "--labels", "zone=b", "--capacity", "cpu=1,memory=1Gi,slots=2", "--data", join(klaw.dir, "second")];
	const node = klaw.command(["node", "join", klaw.url, "--token-file", tokenFile, ...flags]);
	await until(() => node.stderr.includes("Joined as node second"), 20_000);
	expect((await klaw.cli(["get", "nodes"])).stdout).toMatch(/^second +Ready +/m);
	const { status, metadata } = (await klaw.api("GET", "/api/v1/nodes/second")).body;
	expect({ capacity: status.capacity, labels: metadata.labels }).toMatchObject({
		capacity: { cpu: "1", pods: "2" },
		labels: { zone: "b" },
	});

	await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "zoned" }, spec: { nodeSelector: { zone: "b" } } });
	const { code, stdout } = await klaw.cli(["dispatch", "--agent", "zoned", "--wait", "$ pwd"]);
	expect(code).toBe(0);
	expect(stdout).toContain(join(klaw.dir, "second", "workspaces"));

	expect(await node.kill("SIGINT")).toBe(0);
	await until(async () => /^second +NotReady +/m.test((await klaw.cli(["get", "nodes"])).stdout), 20_000);
	expect(await klaw.cli(["delete", "node", "second"])).toEqual(ok('node "second" deleted\n'));
	expect((await klaw.cli(["get", "nodes", "-o", "name"])).stdout).toBe("node/local\n");
});

it("klaw version names both versions, and a mistyped command is told with the one that was meant", async () => {
	expect((await klaw.cli(["version"])).stdout).toMatch(
		/^Client Version: \d+\.\d+\.\d+\nServer Version: v1\.\d+\.\d+\+klaw\.\d+\.\d+\.\d+\n$/,
	);
	const { code, stderr } = await klaw.cli(["dispach", "x"]);
	expect(code).toBe(1);
	expect(stderr).toBe("error: unknown command 'dispach'\n(Did you mean dispatch?)\n");
});
