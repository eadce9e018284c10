import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readManifests } from "../manifests.ts";
import { Failures, withSource } from "../write/failures.ts";
import { withLastApplied } from "../write/last-applied.ts";
import { openCluster } from "../write/open-cluster.ts";
import { placeManifest } from "../write/targets.ts";
import { addFileOptions, addWriteOptions, printResult, queryOf, type WriteOptions } from "../write/write-options.ts";
import { createAgent } from "./create/agent.ts";
import { createCluster } from "./create/cluster.ts";
import { createClusterRole } from "./create/cluster-role.ts";
import { createConfigMap } from "./create/config-map.ts";
import { addGenerator } from "./create/generator.ts";
import { createNamespace } from "./create/namespace.ts";
import { createPriorityClass } from "./create/priority-class.ts";
import { createQuota } from "./create/quota.ts";
import { createRole } from "./create/role.ts";
import { createClusterRoleBinding, createRoleBinding } from "./create/role-binding.ts";
import { addCreateSecret } from "./create/secret.ts";
import { createServiceAccount } from "./create/service-account.ts";
import { createTask } from "./create/task.ts";
import { addCreateToken } from "./create/token.ts";

interface CreateFlags extends WriteOptions {
	filename?: string[];
	recursive?: boolean;
	saveConfig?: boolean;
}

export function addCreate(program: Command, cli: Cli): void {
	const command = program
		.command("create")
		.description("create objects of files, or one by its options")
		.enablePositionalOptions()
		.option("--save-config", "note the objects for a later apply");
	addFileOptions(command, "what to create");
	addWriteOptions(command, "klaw-create", { validate: true }).action(async (flags: CreateFlags) => {
		if (flags.filename === undefined) throw new CliError("must specify one of -f and -k");
		const manifests = await readManifests(flags.filename, cli.io, flags);
		const { requests, mapper, choice } = await openCluster(command, cli);
		const failures = new Failures();
		for (const manifest of manifests) {
			await failures.attempt(async () => {
				const target = placeManifest(manifest, mapper, choice);
				const object = flags.saveConfig ? withLastApplied(target.object) : target.object;
				if (flags.dryRun === "client") return printResult(cli, object, "created", flags);
				const created = await requests.create(target.resource, target.namespace, object, queryOf(flags)).catch((error: unknown) => {
					throw withSource(error, "creating", target.source);
				});
				printResult(cli, created, "created", flags);
			});
		}
		failures.report(cli);
	});
	addGenerator(command, cli, createAgent);
	addGenerator(command, cli, createCluster);
	addGenerator(command, cli, createClusterRole);
	addGenerator(command, cli, createClusterRoleBinding);
	addGenerator(command, cli, createConfigMap);
	addGenerator(command, cli, createNamespace);
	addGenerator(command, cli, createPriorityClass);
	addGenerator(command, cli, createQuota);
	addGenerator(command, cli, createRole);
	addGenerator(command, cli, createRoleBinding);
	addCreateSecret(command, cli);
	addGenerator(command, cli, createServiceAccount);
	addGenerator(command, cli, createTask);
	addCreateToken(command, cli);
}
