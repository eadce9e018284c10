import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import { type Cli, connect, globalOptions } from "../cli.ts";
import { ResourceMapper } from "../resource-mapper.ts";
import { ResourceClient } from "./resource-client.ts";
import type { NamespaceChoice } from "./targets.ts";

/** What a command that changes objects works with. */
export interface OpenCluster {
	client: ApiClient;
	requests: ResourceClient;
	mapper: ResourceMapper;
	choice: NamespaceChoice;
}

/** Connects, and asks the server which kinds it has. */
export async function openCluster(command: Command, cli: Cli): Promise<OpenCluster> {
	const { client, namespace } = await connect(command, cli.io);
	const explicit = globalOptions(command).namespace !== undefined;
	return {
		client,
		requests: new ResourceClient(client),
		mapper: await ResourceMapper.of(client),
		choice: { namespace, explicit },
	};
}
