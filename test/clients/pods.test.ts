import { Readable, Writable } from "node:stream";
import { CoreV1Api, Exec, type KubeConfig, Log, Metrics, topPods, type V1Status } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Klaw, NAMESPACE, until } from "../e2e/klaw-process.ts";
import { kubeConfig, refusal } from "./connect.ts";

let klaw: Klaw;
let config: KubeConfig;
let core: CoreV1Api;

/** A session whose run holds a node for as long as the tests last. */
const POD = "worker";

beforeAll(async () => {
	klaw = await Klaw.start();
	config = kubeConfig(klaw);
	core = config.makeApiClient(CoreV1Api);
	await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "shell" }, spec: { model: "offline/shell" } });
	await klaw.createTask(POD, { agent: "shell", prompt: "$ echo first-line; echo made > made.txt\n$ sleep 300" });
	await until(async () => (await logOf({})).includes("first-line"), 60_000);
});
afterAll(() => klaw?.remove());

class Collected extends Writable {
	text = "";

	constructor() {
		super();
		// The client leaves what it pipes from alone, and letting go of it is an error there.
		this.on("pipe", (source) => source.on("error", () => undefined));
	}

	override _write(chunk: Buffer, _: string, done: () => void): void {
		this.text += chunk.toString();
		done();
	}
}

async function logOf(options: object): Promise<string> {
	const out = new Collected();
	await new Log(config).log("default", POD, "agent", out, options);
	await until(() => out.writableFinished, 20_000);
	return out.text;
}

/** A command in the pod, run to its end. */
async function exec(command: string[], { stdin, tty = false }: { stdin?: Readable; tty?: boolean } = {}) {
	const [out, err] = [new Collected(), new Collected()];
	const ended = Promise.withResolvers<V1Status>();
	await new Exec(config).exec("default", POD, "agent", command, out, err, stdin ?? null, tty, ended.resolve);
	const status = await ended.promise;
	return { out: out.text, err: err.text, status };
}

describe("exec", () => {
	test("runs a command in the session's workspace, with its output apart from its errors", async () => {
		const { out, err, status } = await exec(["sh", "-c", "cat made.txt; echo wrong >&2"]);
		expect({ out, err }).toEqual({ out: "made\n", err: "wrong\n" });
		expect(status).toMatchObject({ status: "Success" });
	});

	test("tells the exit status as Kubernetes does", async () => {
		const { status } = await exec(["sh", "-c", "exit 7"]);
		expect(status).toMatchObject({
			status: "Failure",
			reason: "NonZeroExitCode",
			message: expect.stringContaining("non-zero exit code"),
			details: { causes: [{ reason: "ExitCode", message: "7" }] },
		});
	});

	test("gives the command what is written to it, to its end", async () => {
		const text = "line\n".repeat(20_000);
		const { out } = await exec(["wc", "-c"], { stdin: Readable.from([Buffer.from(text)]) });
		expect(Number(out)).toBe(text.length);
	});

	test("brings a megabyte of output whole", async () => {
		const { out } = await exec(["sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x"]);
		expect(out).toHaveLength(1_000_000);
	});

	test("gives a terminal to who wants one", async () => {
		const { out } = await exec(["sh", "-c", "test -t 1 && echo is a terminal"], { tty: true });
		expect(out.trim()).toBe("is a terminal");
	});

	test("of nothing is refused", async () => {
		const pods = new Exec(config);
		await expect(pods.exec("default", "nobody", "agent", ["true"], null, null, null, false)).rejects.toThrow();
	});
});

describe("log", () => {
	test("comes whole, in part, and with its times", async () => {
		const whole = await logOf({});
		expect(whole).toContain("first-line");
		const lines = whole.trimEnd().split("\n");
		expect((await logOf({ tailLines: 1 })).trimEnd()).toBe(lines.at(-1));
		expect((await logOf({ timestamps: true })).split("\n")[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z /);
		expect(await core.readNamespacedPodLog({ name: POD, namespace: "default" })).toBe(whole);
	});

	test("is followed while the session goes on, and let go", async () => {
		await klaw.createTask("talker", { agent: "shell", prompt: "$ echo begun\n$ sleep 1; echo ended-late" });
		const out = new Collected();
		await until(async () => (await klaw.api("GET", "/api/v1/namespaces/default/pods/talker")).status === 200, 20_000);
		const controller = await new Log(config).log("default", "talker", "agent", out, { follow: true });
		await until(() => out.text.includes("ended-late"), 30_000);
		controller.abort();
	});

	test("of a container that is not there is refused", async () => {
		expect(await refusal(core.readNamespacedPodLog({ name: POD, namespace: "default", container: "sidecar" }))).toMatchObject({
			code: 400,
			reason: "BadRequest",
			message: `container sidecar is not valid for pod ${POD}`,
		});
	});
});

describe("a pod", () => {
	test("is the session, as the typed client sees it", async () => {
		const pod = await core.readNamespacedPod({ name: POD, namespace: "default" });
		expect(pod).toMatchObject({ kind: "Pod", spec: { containers: [{ name: "agent" }] }, status: { phase: "Running" } });
		expect(pod.status?.startTime).toBeInstanceOf(Date);
		expect(pod.spec?.nodeName).toBeTruthy();
	});

	test("is measured, with its node", async () => {
		const metrics = new Metrics(config);
		const { items } = await metrics.getPodMetrics("default");
		expect(items.find(({ metadata }) => metadata.name === POD)).toMatchObject({
			containers: [{ name: "agent", usage: { cpu: expect.any(String) } }],
		});
		expect((await metrics.getNodeMetrics()).items).toMatchObject([{ usage: { memory: expect.stringMatching(/^\d+Ki$/) } }]);
		expect((await topPods(core, metrics, "default")).some(({ Pod }) => Pod.metadata?.name === POD)).toBe(true);
	});

	test("that is busy is evicted when its command is through, and one that is deleted goes", async () => {
		const eviction = { name: POD, namespace: "default", body: { metadata: { name: POD, namespace: "default" } } };
		await core.createNamespacedPodEviction(eviction);
		expect((await core.readNamespacedPod({ name: POD, namespace: "default" })).spec?.nodeName).toBe("local");
		await core.deleteNamespacedPod({ name: POD, namespace: "default" });
		await until(async () => (await klaw.api("GET", `/api/v1/namespaces/default/pods/${POD}`)).status === 404, 30_000);
	});
});
