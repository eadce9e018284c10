import { type Command, Option } from "commander";
import { durationOption } from "./duration.ts";

/** Global options of kubectl for which the help of every command is no place. */
export function addConnectionOptions(program: Command): void {
	const all = (one: string, others: string[] | undefined) => [...(others ?? []), one];
	for (const option of [
		new Option("--cluster <name>", "cluster of the kubeconfig"),
		new Option("--user <name>", "user of the kubeconfig"),
		new Option("--as <user>", "act as this user"),
		new Option("--as-group <group>", "act as a member of this group; may be repeated").argParser(all),
		new Option("--as-uid <uid>", "act with this uid"),
		new Option("--certificate-authority <file>", "certificate of the authority that the server's is of"),
		new Option("--insecure-skip-tls-verify", "do not look at the server's certificate"),
		new Option("--tls-server-name <name>", "name to expect in the server's certificate"),
		new Option("--client-certificate <file>", "certificate to be known by"),
		new Option("--client-key <file>", "key of that certificate"),
		new Option("--request-timeout <duration>", "longest time for one request; 0: no limit").argParser(requestTimeout),
	])
		program.addOption(option.hideHelp());
}

/** kubectl's 0 is no limit: the client's own is then left as it is. */
function requestTimeout(text: string): number | undefined {
	return /^0[a-z]*$/.test(text) ? undefined : durationOption(text);
}
