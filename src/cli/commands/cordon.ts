import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { connect } from "../cli.ts";
import { markUnschedulable } from "../nodes/cordon.ts";
import { namedNodes } from "../nodes/named-nodes.ts";
import { ResourceClient } from "../write/resource-client.ts";
import type { DryRun } from "../write/write-options.ts";

interface CordonFlags {
	selector?: string;
	dryRun: DryRun;
}

export function addCordon(program: Command, cli: Cli): void {
	add(program, cli, "cordon", "mark nodes as unschedulable: no new session comes there");
}

export function addUncordon(program: Command, cli: Cli): void {
	add(program, cli, "uncordon", "mark nodes as schedulable again");
}

function add(program: Command, cli: Cli, verb: "cordon" | "uncordon", description: string): void {
	const command = program
		.command(verb)
		.description(description)
		.argument("[nodes...]", "names of nodes")
		.option("-l, --selector <labels>", "the nodes with these labels")
		.addOption(new Option("--dry-run <mode>", "none, client or server").choices(["none", "client", "server"]).default("none"))
		.action(async (names: string[], { selector, dryRun }: CordonFlags) => {
			const { client } = await connect(command, cli.io);
			const requests = new ResourceClient(client);
			const nodes = await namedNodes(command, requests, names, selector);
			await markUnschedulable(cli, requests, nodes, { unschedulable: verb === "cordon", dryRun });
		});
}
