import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { addNodeJoin } from "./node/join.ts";
import { addNodeToken } from "./node/token.ts";

export function addNode(program: Command, cli: Cli): void {
	const node = program.command("node").description("make machines work for a cluster");
	addNodeJoin(node, cli);
	addNodeToken(node, cli);
}
