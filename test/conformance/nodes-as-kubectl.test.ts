import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ran, runKlaw } from "../../src/cli/test-io.ts";
import { NodesApi } from "../fakes/nodes-api.ts";
import { findKubectl } from "./kubectl.ts";

/** One after the other, each by kubectl on one server and by klaw on another; what they print and how they end is the same. */
const COMMANDS = [
	"cordon",
	"cordon n1 -l pool=a",
	"cordon n1 n2",
	"cordon n1",
	"cordon gone n1",
	"uncordon -l pool=a",
	"uncordon node/n1 --dry-run=client",
	"cordon n1 --dry-run=server",
	"cordon n1 --dry-run",
	"taint",
	"taint nodes",
	"taint nodes n1",
	"taint pods p a=b:NoSchedule",
	"taint nodes m=3:NoSchedule",
	"taint nodes n1 a=b:NoSchedule c:NoExecute",
	"taint nodes n1 a=c:NoSchedule c:NoExecute",
	"taint nodes n1 a=c:NoSchedule --overwrite",
	"taint nodes n1 a=c:Bad",
	"taint nodes n1 a=b",
	"taint nodes n1 =b:NoSchedule",
	"taint nodes n1 a=b!:NoSchedule",
	"taint nodes n1 a=b:NoSchedule:x",
	"taint nodes n1 a=b=c:NoSchedule",
	"taint nodes n1 x=1:NoSchedule x=2:NoSchedule",
	"taint nodes n1 c- e=f:PreferNoSchedule",
	"taint nodes n1 e- e=f:PreferNoSchedule",
	"taint nodes n1 gone-",
	"taint nodes n1 gone- also:NoSchedule-",
	"taint nodes n1 a:NoSchedule- e-",
	"taint no n1 n2 t=1:NoSchedule",
	"taint node --all t-",
	"taint nodes -l pool=a s=1:NoExecute",
	"taint nodes gone a=b:NoSchedule",
	"taint nodes n1 o=1:NoSchedule -o name",
	"get node n1 -o jsonpath={.spec.taints}",
	"drain",
	"drain gone",
	"drain n1 --dry-run=client",
	"drain n1 --dry-run=server",
	"drain n1 --grace-period=7",
	"drain n1",
	"drain n2",
	"drain n2 --force",
	"drain n3 --timeout=1s",
	"drain n1 n3 --timeout=1s",
	"drain n4",
	"drain n4 --dry-run=client",
	"drain n4 --force",
	"drain n4 --delete-emptydir-data",
	"drain n6",
	"drain n5 --force",
	"drain n5 --delete-emptydir-data",
	"drain n5 --delete-emptydir-data --force",
	"uncordon n1 n2 n3",
] as const;

const servers = { kubectl: newServer(), klaw: newServer() };
const outputs: Record<keyof typeof servers, Ran[]> = { kubectl: [], klaw: [] };

function newServer(): NodesApi {
	return new NodesApi(["n1", "n2", "n3", "n4", "n5", "n6"], {
		mover: { node: "n1" },
		loner: { node: "n2", alone: true },
		stayer: { node: "n3", stays: true },
		"over-its-ceiling": { node: "n4", local: true },
		"over-too": { node: "n6", local: true },
		"and-over": { node: "n6", local: true },
		"lonely-over-its-ceiling": { node: "n5", alone: true, local: true },
	});
}

beforeAll(async () => {
	const run = async (name: keyof typeof servers, one: (url: string, argv: string[]) => Promise<Ran>) => {
		const url = await servers[name].listen();
		for (const command of COMMANDS) outputs[name].push(await one(url, command.split(" ")));
	};
	await Promise.all([run("kubectl", kubectl), run("klaw", (url, argv) => runKlaw(["--server", url, "--token", "t", ...argv]))]);
}, 120_000);
afterAll(() => Promise.all([servers.kubectl.server.close(), servers.klaw.server.close()]));

function kubectl(url: string, argv: string[]): Promise<Ran> {
	return new Promise((resolve) => {
		const env = { PATH: process.env.PATH, HOME: "/nonexistent", KUBECONFIG: "/dev/null" };
		execFile(findKubectl(), ["--server", url, ...argv], { env }, (error, stdout, stderr) => {
			// Without the log lines of its libraries.
			const said = stderr.replaceAll("kubectl", "klaw").replace(/^[EIW]\d{4} .*\n/gm, "");
			resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr: said });
		});
	});
}

describe("klaw prints what kubectl prints", () => {
	it.each(COMMANDS.map((command, index) => ({ command, index })))("$index $command", ({ index }) => {
		expect(outputs.klaw[index]).toEqual(outputs.kubectl[index]);
	});
});

it("klaw asks for the evictions that kubectl asks for", () => {
	const asked = ({ evictions }: NodesApi) => evictions.map(({ pod, options }) => [pod, options.gracePeriodSeconds, options.dryRun]);
	expect(asked(servers.klaw)).toEqual(asked(servers.kubectl));
});
