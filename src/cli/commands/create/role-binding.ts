import type { Command } from "commander";
import { CliError } from "../../errors.ts";
import { commaList } from "../../write/write-options.ts";
import type { Generator, GeneratorFlags } from "./generator.ts";

const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };

interface SubjectFlags extends GeneratorFlags {
	role?: string;
	clusterrole?: string;
	user?: string[];
	group?: string[];
	serviceaccount?: string[];
}

export const createRoleBinding: Generator<SubjectFlags> = {
	name: "rolebinding",
	description: "create a RoleBinding: who may do what a role says, in one namespace",
	refused: "failed to create rolebinding:",
	kind: { ...RBAC, kind: "RoleBinding", plural: "rolebindings", namespaced: true },
	options(command) {
		addSubjectOptions(command);
		command.option("--role <name>", "Role of the same namespace");
	},
	object(flags) {
		if ((flags.role === undefined) === (flags.clusterrole === undefined))
			throw new CliError("exactly one of clusterrole or role must be specified");
		return binding(flags);
	},
};

export const createClusterRoleBinding: Generator<SubjectFlags> = {
	name: "clusterrolebinding",
	description: "create a ClusterRoleBinding: who may do what a ClusterRole says, in every namespace",
	refused: "failed to create clusterrolebinding:",
	kind: { ...RBAC, kind: "ClusterRoleBinding", plural: "clusterrolebindings", namespaced: false },
	options: addSubjectOptions,
	object(flags) {
		if (flags.clusterrole === undefined) throw new CliError("clusterrole must be specified");
		return binding(flags);
	},
};

// `--user` and `--group` are here what is granted, not who asks.
function addSubjectOptions(command: Command): void {
	command
		.option("--clusterrole <name>", "ClusterRole to grant")
		.option("--user <names>", "users to grant it to", commaList)
		.option("--group <names>", "groups to grant it to", commaList)
		.option("--serviceaccount <namespace:name>", "service accounts to grant it to", commaList);
}

function binding({ role, clusterrole, user = [], group = [], serviceaccount = [] }: SubjectFlags) {
	const apiGroup = RBAC.group;
	const subjects = [
		...user.map((name) => ({ kind: "User", apiGroup, name })),
		...group.map((name) => ({ kind: "Group", apiGroup, name })),
		...serviceaccount.map((word) => {
			const [namespace, name, ...more] = word.split(":");
			if (!namespace || !name || more.length > 0) throw new CliError("serviceaccount must be <namespace>:<name>");
			return { kind: "ServiceAccount", name, namespace };
		}),
	];
	const roleRef = clusterrole !== undefined ? { apiGroup, kind: "ClusterRole", name: clusterrole } : { apiGroup, kind: "Role", name: role };
	return { roleRef, ...(subjects.length > 0 && { subjects }) };
}
