import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApiClient } from "../api-client.ts";
import { type Cli, connect } from "../cli.ts";
import { durationOption } from "../duration.ts";
import { CliError } from "../errors.ts";
import { POD } from "../kinds.ts";
import { markUnschedulable } from "../nodes/cordon.ts";
import { PodEviction } from "../nodes/evict-pod.ts";
import { hasLocalStorage, localStorageRefusal, namesOf } from "../nodes/local-storage.ts";
import { namedNodes } from "../nodes/named-nodes.ts";
import { ResourceClient, type ServerObject } from "../write/resource-client.ts";
import { type DryRun, suffix } from "../write/write-options.ts";

interface DrainFlags {
	selector?: string;
	podSelector?: string;
	timeout?: number;
	gracePeriod: number;
	force?: boolean;
	deleteEmptydirData?: boolean;
	dryRun: DryRun;
	disableEviction?: boolean;
}

export function addDrain(program: Command, cli: Cli): void {
	const command = program
		.command("drain")
		.description("empty nodes: cordon them, and wait until each session has left after the call that it runs")
		.argument("[nodes...]", "names of nodes")
		.option("-l, --selector <labels>", "the nodes with these labels")
		.option("--pod-selector <labels>", "only the sessions whose pods have these labels")
		.option("--timeout <duration>", "how long to wait; 0: for as long as it takes", timeout)
		.option("--grace-period <seconds>", "cut a call that still runs after this time; -1: never", seconds, -1)
		.option("--force", "evict pods without a controller, too")
		.option("--delete-emptydir-data", "evict sessions with files that are in no checkpoint, too: these files are lost")
		.addOption(new Option("--dry-run <mode>", "none, client or server").choices(["none", "client", "server"]).default("none"))
		.addOption(new Option("--ignore-daemonsets", "nothing to ignore: klaw has no DaemonSets").hideHelp())
		.addOption(new Option("--disable-eviction", "not done").hideHelp())
		.action(async (names: string[], flags: DrainFlags) => {
			if (flags.disableEviction)
				throw new CliError(
					"--disable-eviction deletes pods, and a pod of klaw that is deleted is a conversation that ends. Drain without it.",
				);
			const { client } = await connect(command, cli.io);
			const requests = new ResourceClient(client);
			const nodes = await namedNodes(command, requests, names, flags.selector);
			await markUnschedulable(cli, requests, nodes, { unschedulable: true, dryRun: flags.dryRun });
			const deadline = flags.timeout === undefined ? undefined : Date.now() + flags.timeout;
			const failed: { name: string; why: string[] }[] = [];
			for (const { metadata } of nodes) {
				const why = await drainNode(cli, client, metadata.name, flags, deadline);
				if (why.length === 0) cli.io.stdout.write(`node/${metadata.name} drained${suffix(flags.dryRun)}\n`);
				else {
					cli.io.stderr.write(`error: unable to drain node "${metadata.name}" due to error: ${together(why)}, continuing command...\n`);
					failed.push({ name: metadata.name, why });
				}
			}
			report(cli, failed);
		});
}

/** Why pods are left on the node; `[]` when none is. */
async function drainNode(cli: Cli, client: ApiClient, name: string, flags: DrainFlags, deadline: number | undefined): Promise<string[]> {
	const { dryRun, gracePeriod, deleteEmptydirData = false, force = false } = flags;
	const pods = await podsOn(client, name, flags.podSelector);
	const local = deleteEmptydirData ? [] : pods.filter(hasLocalStorage);
	const alone = pods.filter((pod) => !hasController(pod) && !local.includes(pod));
	const refusals = local.length > 0 ? [localStorageRefusal(local)] : [];
	if (alone.length > 0 && !force)
		refusals.push(`cannot delete cannot delete Pods that declare no controller (use --force to override): ${namesOf(alone)}`);
	if (refusals.length > 0) return refusals;
	if (alone.length > 0) cli.io.stderr.write(`Warning: deleting Pods that declare no controller: ${namesOf(alone)}\n`);
	const options = { dryRun, deadline, deleteEmptydirData, gracePeriodSeconds: gracePeriod < 0 ? undefined : gracePeriod };
	const outcomes = await Promise.allSettled(pods.map((pod) => new PodEviction(cli, client, pod, options).run()));
	const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
	const foreign = errors.find((error) => !(error instanceof CliError));
	if (foreign) throw foreign;
	const why = errors.map((error: CliError) => error.message);
	if (why.length === 0) return [];
	const left = await podsOn(client, name, flags.podSelector);
	if (left.length > 0) {
		const list = left.map(({ metadata }) => `pod/${metadata.name}\n`).join("");
		cli.io.stderr.write(`There are pending pods in node "${name}" when an error occurred: ${together(why)}\n${list}`);
	}
	return why;
}

function podsOn(client: ApiClient, node: string, labels: string | undefined): Promise<ServerObject[]> {
	const fields = `spec.nodeName=${node}`;
	return new ResourceClient(client).list(POD, undefined, { fields, ...(labels !== undefined && { labels }) });
}

function hasController({ metadata }: ServerObject): boolean {
	const owners: unknown = Reflect.get(metadata, "ownerReferences");
	return Array.isArray(owners) && owners.some((owner) => owner?.controller === true);
}

function report(cli: Cli, failed: readonly { name: string; why: string[] }[]): void {
	if (failed.length === 0) return;
	cli.exitCode = 1;
	const [only, ...more] = failed;
	const lines = more.length === 0 ? (only?.why ?? []) : failed.map(({ why }) => together(why));
	cli.io.stderr.write(`There are pending nodes to be drained:\n${failed.map(({ name }) => ` ${name}\n`).join("")}`);
	cli.io.stderr.write(lines.map((line) => `${line}\n`).join(""));
}

/** Several errors in one line, as Go writes them. */
function together(errors: readonly string[]): string {
	return errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]`;
}

function seconds(text: string): number {
	if (/^-?\d+$/.test(text)) return Number(text);
	throw new InvalidArgumentError("It must be a number of seconds.");
}

function timeout(text: string): number | undefined {
	return /^0[a-z]*$/.test(text) ? undefined : durationOption(text);
}
