import type { Argument, Command, Option } from "commander";
import { COMPLETION_SCRIPTS } from "./scripts.ts";

/** What completion asks the cluster and the kubeconfig, which may be slow or fail. */
export interface CompletionSource {
	/** Names of kinds, as `agents` or `agents.klaw.sh`. */
	types(): Promise<string[]>;
	/** Names of the objects of a kind. */
	names(type: string): Promise<string[]>;
	namespaces(): Promise<string[]>;
	contexts(): Promise<string[]>;
}

const OUTPUTS = ["json", "yaml", "name", "wide", "jsonpath=", "custom-columns="];
const FIXED_VALUES: Readonly<Record<string, readonly string[]>> = {
	"--output": OUTPUTS,
	"--dry-run": ["none", "client", "server"],
	"--cascade": ["background", "foreground", "orphan"],
	"--validate": ["strict", "warn", "ignore"],
};
/** Arguments of commands that name objects, by the name of the argument. */
const RESOURCES = new Set(["resources", "resource", "kind", "type", "words"]);
/** Commands whose one argument is the name of a context. */
const CONTEXT_COMMANDS = new Set(["use-context", "delete-context", "rename-context", "get-contexts", "set-context"]);

/** What may stand in place of the last word. */
export async function complete(program: Command, words: readonly string[], source: CompletionSource): Promise<string[]> {
	const current = words.at(-1) ?? "";
	const { command, operands, pending } = walk(program, words.slice(0, -1));
	return (await candidates()).filter((one) => one.startsWith(current)).sort();

	async function candidates(): Promise<string[]> {
		if (pending) return valuesOf(pending, source);
		const equals = /^(--[a-z-]+)=/.exec(current);
		if (equals) {
			const option = optionsOf(command, program).find(({ long }) => long === equals[1]);
			return option ? (await valuesOf(option, source)).map((value) => `${equals[1]}=${value}`) : [];
		}
		if (current.startsWith("-")) return optionsOf(command, program).flatMap(({ long, hidden }) => (long && !hidden ? [long] : []));
		if (command.commands.length > 0 && operands.length === 0) return visible(command);
		if (CONTEXT_COMMANDS.has(command.name())) return source.contexts();
		const [first]: readonly Argument[] = command.registeredArguments;
		if (first?.name() === "shell") return Object.keys(COMPLETION_SCRIPTS);
		return first && RESOURCES.has(first.name()) ? resources(operands) : [];
	}

	async function resources([type]: readonly string[]): Promise<string[]> {
		if (current.includes("/")) {
			const [prefix = ""] = current.split("/");
			return (await source.names(prefix)).map((name) => `${prefix}/${name}`);
		}
		return type === undefined ? source.types() : type.includes("/") ? [] : source.names(type);
	}
}

/** Follows whole words to the command that they call, what it was given, and the option that still wants its value. */
function walk(program: Command, words: readonly string[]): { command: Command; operands: string[]; pending: Option | undefined } {
	let command = program;
	const operands: string[] = [];
	let pending: Option | undefined;
	for (const word of words) {
		if (pending) {
			pending = undefined;
			continue;
		}
		if (word.startsWith("-")) {
			pending = optionsOf(command, program).find((option) => option.required && (option.long === word || option.short === word));
			continue;
		}
		const next = operands.length === 0 ? command.commands.find((one) => one.name() === word || one.aliases().includes(word)) : undefined;
		if (next) command = next;
		else operands.push(word);
	}
	return { command, operands, pending };
}

function optionsOf(command: Command, program: Command): Option[] {
	return command === program ? [...program.options] : [...command.options, ...program.options];
}

/** Commands whose names begin with `_` are for scripts. */
function visible(command: Command): string[] {
	return command.commands.map((one) => one.name()).filter((name) => !name.startsWith("_"));
}

async function valuesOf({ long = "", argChoices }: Option, source: CompletionSource): Promise<string[]> {
	if (argChoices) return argChoices;
	if (long === "--namespace") return source.namespaces();
	if (long === "--context") return source.contexts();
	return [...(FIXED_VALUES[long] ?? [])];
}
