import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { ResourceClient } from "../write/resource-client.ts";
import { type DryRun, suffix } from "../write/write-options.ts";
import { type NodeObject, placeOf } from "./named-nodes.ts";

/** Marks nodes as unschedulable, or as schedulable again, and says so of each. What fails does not hold up the others. */
export async function markUnschedulable(
	cli: Cli,
	requests: ResourceClient,
	nodes: readonly NodeObject[],
	{ unschedulable, dryRun }: { unschedulable: boolean; dryRun: DryRun },
): Promise<void> {
	const verb = unschedulable ? "cordon" : "uncordon";
	for (const { metadata, spec } of nodes) {
		const { name } = metadata;
		const already = (spec?.unschedulable ?? false) === unschedulable;
		try {
			if (!already && dryRun !== "client") {
				const patch = { spec: { unschedulable: unschedulable ? true : null } };
				await requests.patch(placeOf(name), "strategic", patch, { dryRun: dryRun === "server" });
			}
			cli.io.stdout.write(`node/${name} ${already ? "already " : ""}${verb}ed${suffix(dryRun)}\n`);
		} catch (error) {
			if (!(error instanceof CliError)) throw error;
			cli.io.stderr.write(`error: unable to ${verb} node "${name}": ${error.message}\n`);
		}
	}
}
