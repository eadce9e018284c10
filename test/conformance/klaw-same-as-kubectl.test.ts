import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Ran, runKlaw } from "../../src/cli/test-io.ts";
import { FakeApiServer } from "../fakes/api-server.ts";
import { sampleCluster } from "../fakes/kube-sample.ts";
import { findKubectl } from "./kubectl.ts";

/** Command lines that both must answer alike: stdout, stderr and exit code. Those with spaces in a word are lists. */
const GET: readonly (string | string[])[] = [
	"get agents",
	"get agents -A",
	"get ag,task -o wide",
	"get all",
	"get all -A",
	"get all -n none",
	"get all -n none --ignore-not-found",
	"get klaw",
	"get agents a1 --show-labels",
	"get agents -L app,klaw.sh/tier",
	"get agents --no-headers",
	"get agents --no-headers --show-labels",
	"get agents,cm --no-headers",
	"get agents,tasks --show-labels",
	"get agents a1 nope",
	"get agents nope nope2",
	"get agents nope --ignore-not-found",
	"get agents/a1 tasks/t1 agents/a2",
	"get agents/a1 agents/a2",
	"get agents,tasks a1",
	"get agents/a1 x",
	"get agents/a1 -l app=x",
	"get agents/",
	"get /a1",
	["get", "agents", ""],
	"get nope",
	"get agents,nope",
	"get agents.foo",
	"get agents.v2.klaw.sh",
	"get agents.v1.klaw.sh a1",
	"get agents.klaw.sh",
	"get Agent",
	"get",
	"get -A",
	"get agents a1 -A",
	"get agents a1 -l x=y",
	"get agents a1 --field-selector metadata.name=a1",
	"get agents --field-selector metadata.name=a1",
	"get agents -l app=zzz",
	"get agents -l app=zzz -A",
	"get agents -l app=zzz --ignore-not-found",
	"get agents -l app=zzz -o yaml",
	"get agents -l app=zzz -o custom-columns=NAME:.metadata.name",
	"get nodes,agents -l a=b",
	"get nodes -A",
	"get crontasks,roles -n team",
	"get pods.metrics.k8s.io",
	"get agents --sort-by=.spec.replicas",
	"get agents --sort-by=.metadata.name -o name",
	"get agents --sort-by={.spec.model}",
	"get agents --sort-by=.nope -o name",
	"get agents --chunk-size=1",
	"get agents --watch=false --no-headers=true",
	"get agents -o=name",
	"get agents,cm a1 settings -o name",
	"get agent a1 -o yaml",
	"get agent a1 -o json",
	"get agents a1 -o yaml --show-managed-fields",
	"get agent a1 a2 -o yaml",
	"get agents -o json",
	"get agents nope a1 -o json",
	"get agents nope -o json",
	"get secrets -o yaml",
	"get agents -o custom-columns=NAME:.metadata.name,MODEL:.spec.model,X:.spec.nested,Y:.nope",
	"get agents a1 -o custom-columns=N:metadata.name,C:.status.conditions[*].type,D:.spec.nested.none",
	"get agents -o custom-columns=",
	"get agents -o custom-columns=NAME",
	"get agents -o custom-columns=NAME:{.metadata.name} --no-headers",
	"get agents -o custom-columns-file=columns.txt",
	"get agents -o custom-columns-file=nope.txt",
	"get agents -o jsonpath-file=template.txt",
	"get agents -o jsonpath",
	"get agents -o jsonpath={.items[*].spec}",
	"get agents -o jsonpath={.items[",
	["get", "agents", "-o", "jsonpath={.items[*]['metadata','status']['name','phase']}"],
	["get", "agents", "-o", 'jsonpath={range .items[*]}{.metadata.name}{"\\t"}{.spec.model}{"\\n"}{end}'],
	["get", "agents", "-o", 'jsonpath={.items[?(@.metadata.labels.app=="one")].metadata.labels.klaw\\.sh/tier}'],
	"get agents -o jsonpath-as-json={.items[*].metadata.name}",
	"get --raw /raw",
	"get --raw /healthz",
	"get --raw /nope",
	"get --raw raw",
	"get --raw /raw agents",
	"get -f agent.yaml",
	"get -f agent.yaml -o name",
	"get agents -f agent.yaml",
	"get -f unknown.yaml",
	"get agents -f nope.yaml",
	"get agents -w",
	"get agents a1 -w",
	"get agents --watch-only",
	"get agents -w -A --output-watch-events",
	"get agents -w --show-labels --no-headers",
	"get agents -w -o name",
	"get agents -w -o yaml",
	"get agents -w -o json --output-watch-events",
	"get agents -w -o jsonpath={.metadata.name}",
	"get agents -w -o custom-columns=NAME:.metadata.name",
	"get agents -w --sort-by=.metadata.name",
	"get agents,tasks -w",
	"get agents a1 a2 -w",
	"get agents --output-watch-events",
];

const DESCRIBE: readonly string[] = [
	"describe agent a1",
	"describe agents",
	"describe agent a",
	"describe agent nope",
	"describe agent a2 nope",
	"describe nope",
	"describe",
	"describe agents -l app=one",
	"describe agents -l app=zz",
	"describe agents,cm -n none",
	"describe agents/a2 cm/bare",
	"describe agents -A --show-events=false",
	"describe -f agent.yaml",
	"describe cluster default",
	"describe event e2",
	"describe ns",
	"describe sa robot",
	"describe quota -n team",
	"describe role",
	"describe clusterrole",
	"describe rolebinding",
	"describe clusterrolebinding",
	"describe pod s1",
	"describe pod s2",
];

const OTHERS: readonly (string | string[])[] = [
	"explain agents",
	"explain agent.spec",
	"explain agent.spec.model",
	"explain agent.spec.approval",
	"explain agent.spec.instructions",
	"explain agent.spec.env.name",
	"explain agent.spec.byName.name",
	"explain agent.metadata",
	"explain agent --recursive",
	"explain agents.klaw.sh.spec.limits",
	"explain agent.nope",
	"explain agent.spec.limits.x",
	"explain nope",
	"explain cm",
	"explain",
	"explain agent x",
	"explain agent --api-version=klaw.sh/v1",
	"explain agent --api-version=klaw.sh/v2",
	"explain agent --output=xml",
	"api-resources",
	"api-resources -o wide",
	"api-resources -o name",
	"api-resources -o json",
	"api-resources --namespaced=false --no-headers",
	"api-resources --api-group=klaw.sh",
	"api-resources --api-group=",
	"api-resources --verbs=list,get --sort-by=kind",
	"api-resources --sort-by=name --categories=all",
	"api-resources --sort-by=x",
	"api-resources x",
	"api-versions",
	"events",
	"events -A",
	"events --for agent/a1",
	"events --types=Warning --no-headers",
	"events --types=x",
	"events --for nope",
	"events --for nope/x",
	"events -n none",
	"top pod",
	"top pod s1 --containers",
	"top pod -A --sort-by=memory",
	"top pod --sum --no-headers",
	"top pod --sort-by=x",
	"top pod nope",
	"top pod -n team",
	"top node",
	"top node local --show-capacity",
	"auth can-i get agents",
	"auth can-i list agents",
	"auth can-i list agents -q",
	"auth can-i create agents/a1",
	"auth can-i get nope",
	"auth can-i get agents.foo",
	"auth can-i get nodes",
	"auth can-i get clusters -n x",
	"auth can-i get /healthz",
	"auth can-i foo agents",
	"auth can-i * *",
	"auth can-i",
	"auth can-i --list",
	"auth can-i --list --no-headers",
	"auth can-i get agents --list",
	"auth can-i --list -A",
	"auth whoami",
	"auth whoami -o yaml",
	"wait agent/a1 --for=condition=Ready",
	"wait agent/a1 --for=condition=progressing=false",
	"wait agent/a1 --for=condition=Progressing --timeout=200ms",
	"wait agent a1 a10 --for=condition=Ready --timeout=2s",
	"wait agents -l app=one --for=condition=Ready",
	"wait agents -l app=zz --for=condition=Ready",
	"wait agents --all --for=create",
	"wait agents --all -n none --for=delete",
	"wait agent/nope --for=condition=Ready",
	"wait agent/nope --for=create --timeout=200ms",
	"wait agent/a2 agent/nope --for=delete",
	"wait agent/a1 --for=delete --timeout=0",
	"wait agent/a2 --for=condition=Ready --timeout=0",
	"wait agent/a1 --for=jsonpath={.status.phase}=Ready",
	["wait", "agent/a1", '--for=jsonpath={.status.conditions[?(@.type=="Ready")].status}=True'],
	"wait agent/a1 --for=jsonpath={.metadata.labels}=x",
	"wait agent/a1 --for=jsonpath={.spec.nested.deep[*]}=1",
	"wait agent/a1 --for=jsonpath=",
	"wait agent/a1 --for=condition=Ready -o name",
	"wait agent/a1 --for=x",
	"wait agents --for=condition=Ready",
	"wait --for=condition=Ready",
	"version -o xml",
];

const KUBECTL = findKubectl();
const server = new FakeApiServer();
let dir: string;

beforeAll(async () => {
	server.answer(sampleCluster().answer);
	await server.listen();
	dir = await mkdtemp(join(tmpdir(), "klaw-same-"));
	const files = {
		"agent.yaml": "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: a1}\n",
		"unknown.yaml": "apiVersion: klaw.sh/v1\nkind: Agentt\nmetadata: {name: a1}\n",
		"columns.txt": "NAME   MODEL\nmetadata.name  .spec.model\n",
		"template.txt": "{.items[*].metadata.name}\n",
	};
	await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(dir, name), text)));
});
afterAll(async () => {
	await server.close();
	await rm(dir, { recursive: true, force: true });
});

function kubectl(argv: readonly string[]): Promise<Ran> {
	return new Promise((resolve) => {
		const options = { cwd: dir, env: { PATH: process.env.PATH, HOME: dir, KUBECONFIG: "/dev/null" } };
		execFile(KUBECTL, ["--server", server.url, ...argv], options, (error, stdout, stderr) => {
			resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
		});
	});
}

/** kubectl's output as klaw's is meant to be: with the command's own name, and without the log lines of its libraries. */
function asKlaw({ code, stdout, stderr }: Ran): Ran {
	const own = (text: string) => text.replaceAll("kubectl", "klaw");
	return { code, stdout: own(stdout), stderr: own(stderr).replace(/^[EIW]\d{4} .*\n/gm, "") };
}

describe("klaw prints what kubectl prints", () => {
	const lines = [...GET, ...DESCRIBE, ...OTHERS].map((line) => (typeof line === "string" ? line.split(" ") : line));
	it.concurrent.for(lines.map((argv) => ({ argv, title: argv.join(" ") })))("$title", async ({ argv }, { expect }) => {
		const [theirs, ours] = await Promise.all([kubectl(argv), runKlaw(["--server", server.url, "--token", "t", ...argv], { cwd: dir })]);
		expect({ ...ours, stdout: ours.stdout.replaceAll("kubectl", "klaw"), stderr: ours.stderr.replaceAll("kubectl", "klaw") }).toEqual(
			asKlaw(theirs),
		);
	});
});
