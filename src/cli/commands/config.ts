import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { addContexts } from "./config/contexts.ts";
import { addEntries } from "./config/entries.ts";
import { addSet } from "./config/set.ts";
import { addView } from "./config/view.ts";

export function addConfig(program: Command, cli: Cli): void {
	const config = program.command("config").description("show and change the kubeconfig");
	addView(config, cli);
	addContexts(config, cli);
	addSet(config, cli);
	addEntries(config, cli);
}
