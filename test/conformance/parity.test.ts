import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Klaw } from "../e2e/klaw-process.ts";
import { difference } from "./expectation.ts";
import { type Printed, Terminal } from "./terminal.ts";
import { parseTranscript } from "./transcript.ts";

/** What the commands read, by file name. */
const FILES = {
	"agents.yaml":
		"apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: writer, labels: {team: docs, tier: a}}\n" +
		"spec: {model: offline/shell, instructions: Write., tools: [bash, read]}\n" +
		"---\napiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: coder, labels: {team: code}}\n",
	"apply.yaml": "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: applied}\nspec:\n  instructions: Write.\n",
	"task.yaml":
		'apiVersion: klaw.sh/v1\nkind: Task\nmetadata: {name: hello}\nspec: {agent: coder, model: offline/shell, prompt: "$ echo hello"}\n',
	"unknown-field.yaml": "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: unknown}\nspec: {modle: x}\n",
	"bad-values.yaml": "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: bad}\nspec: {limits: {iterations: -1, deadline: soon}}\n",
	"bad-kind.yaml": "apiVersion: klaw.sh/v1\nkind: Agnet\nmetadata: {name: bad}\n",
};

const PROGRAMS = { a: "kubectl", b: "klaw" };
type Side = keyof typeof PROGRAMS;

const sections = parseTranscript(readFileSync(new URL("parity.commands", import.meta.url), "utf8"));

describe("klaw and kubectl", () => {
	let klaw: Klaw | undefined;
	let sides: Record<Side, Terminal> | undefined;
	beforeAll(async () => {
		klaw = await Klaw.start();
		sides = { a: await openSide(klaw, "a"), b: await openSide(klaw, "b") };
	});
	afterAll(async () => {
		await Promise.all([sides?.a.close(), sides?.b.close()]);
		await klaw?.remove();
	});

	it.each(sections)("$title", async ({ steps }) => {
		if (!sides) throw new Error("klaw did not start");
		const differences: string[] = [];
		for (const { command, line } of steps) {
			const [kubectl, own] = await Promise.all([run(sides.a, "a", command), run(sides.b, "b", command)]);
			const shown = difference(kubectl, own)
				.split("\n")
				.filter((each) => /^[-+]/.test(each));
			if (shown.length > 0) differences.push([`line ${line}: ${command}   (- kubectl, + klaw)`, ...shown].join("\n"));
		}
		expect(differences.join("\n\n")).toBe("");
	});
});

/** A terminal with a namespace and a copy of the kubeconfig of its own. */
async function openSide(klaw: Klaw, side: Side): Promise<Terminal> {
	const kubeconfig = join(klaw.data, `kubeconfig-${side}`);
	await writeFile(kubeconfig, await readFile(join(klaw.data, "kubeconfig"), "utf8"), { mode: 0o600 });
	const terminal = await Terminal.open(klaw, { KUBECONFIG: kubeconfig, SIDE: side });
	for (const [name, text] of Object.entries(FILES)) await writeFile(join(terminal.dir, name), text);
	const made = await terminal.run(
		`kubectl create ns parity-${side} && kubectl label ns parity-${side} parity=yes && kubectl config set-context --current --namespace=parity-${side}`,
	);
	expect(made).toMatchObject({ exitCode: 0 });
	return terminal;
}

async function run(terminal: Terminal, side: Side, command: string): Promise<string[]> {
	const printed = await terminal.run(command.replace(/(^| )@ /, `$1${PROGRAMS[side]} `));
	return asLines(printed);
}

/** Output, errors and exit code, without what differs between two runs of the same program. */
function asLines({ stdout, stderr, exitCode }: Printed): string[] {
	return [...stdout, ...stderr.map((line) => `! ${line}`), `? ${exitCode}`].map(masked);
}

function masked(line: string): string {
	return line
		.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
		.replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| [+-]\d{4})/g, "TIME")
		.replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "TIME")
		.replace(/(?<=^|[\s(])\d+(?:\.\d+)?(?:ms|s|m)(?=$|[\s)])/g, "AGE")
		.replace(/\b[0-9a-f]{12}\b/g, "HASH")
		.replace(/\/tmp\/[\w./-]+/g, "PATH")
		.replace(/((?:resourceVersion"?: "?|Resource Version: +))\d+/g, "$1VERSION")
		.replace(/\bparity-[ab]\b/g, "parity")
		.replace(/\b(?:kubectl|klaw)(?=[ '"-])/g, "@")
		.replace(/(?<=\S) {3,}/g, "   ");
}
