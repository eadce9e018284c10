import type { Command, Option } from "commander";

/** Options of kubectl that may stand without a value, and what that means then. */
const WITHOUT_VALUE: Readonly<Record<string, string>> = { "--dry-run": "client", "--validate": "strict", "--cascade": "background" };

/**
 * The command line as commander reads it, of one as kubectl does: global options may stand anywhere, unless the command
 * has one of the same name; `-o=json`; `--wait=false`; `--dry-run` without a value. What stands behind `--` is left alone.
 */
export function normalizeArguments(argv: readonly string[], program: Command): string[] {
	const globals: string[] = [];
	const rest: string[] = [];
	let command = program;
	let atCommand = true;
	const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
	for (let i = 0; i < end; i++) {
		const argument = argv[i] ?? "";
		if (!argument.startsWith("-") || argument === "-") {
			// The first words lead to the command; the first that does not ends the way.
			const next: Command | undefined = atCommand ? command.commands.find((one) => isCalled(one, argument)) : undefined;
			atCommand = next !== undefined;
			command = next ?? command;
			rest.push(argument);
			continue;
		}
		const own = command === program ? undefined : findOption(command, argument);
		const option = own ?? findOption(program, argument);
		const target = own === undefined && option !== undefined ? globals : rest;
		const takesNext = option?.required === true && isNameOnly(argument) && WITHOUT_VALUE[argument] === undefined;
		target.push(...spellOut(argument, option, command));
		if (takesNext && i + 1 < end) target.push(argv[++i] ?? "");
	}
	return [...globals, ...rest, ...argv.slice(end)];
}

/** The word that calls a command of the program: the first that is neither a global option nor the value of one. */
export function firstWord(argv: readonly string[], program: Command): string | undefined {
	for (let i = 0; i < argv.length; i++) {
		const argument = argv[i] ?? "";
		if (argument === "--") return undefined;
		if (!argument.startsWith("-") || argument === "-") return argument;
		if (findOption(program, argument)?.required === true && isNameOnly(argument)) i++;
	}
	return undefined;
}

function spellOut(argument: string, option: Option | undefined, command: Command): string[] {
	const short = /^(-[a-zA-Z])=(.*)$/s.exec(argument);
	if (short) return [short[1] ?? "", short[2] ?? ""];
	const bare = WITHOUT_VALUE[argument];
	if (bare !== undefined && option?.required) return [`${argument}=${bare}`];
	const [, name, value] = /^--([a-z-]+)=(true|false)$/.exec(argument) ?? [];
	const positive = findOption(command, `--${name}`);
	const negative = findOption(command, `--no-${name}`);
	const isSwitch = [option, positive, negative].some((one) => one !== undefined && !one.required && !one.optional);
	if (name === undefined || !isSwitch) return [argument];
	if (value === "true") return positive || option ? [`--${name}`] : [];
	// A switch that cannot be turned off is off already.
	return negative ? [`--no-${name}`] : [];
}

/** The option that an argument such as `-n`, `-nteam`, `-n=team`, `--namespace` or `--namespace=team` means. */
function findOption(command: Command, argument: string): Option | undefined {
	if (argument.startsWith("--")) {
		const [name] = argument.split("=");
		return command.options.find(({ long }) => long === name);
	}
	return command.options.find(
		({ short, required }) =>
			short !== undefined && (argument === short || (required && argument.startsWith(short)) || argument.startsWith(`${short}=`)),
	);
}

function isNameOnly(argument: string): boolean {
	return argument.startsWith("--") ? !argument.includes("=") : argument.length === 2;
}

function isCalled(command: Command, word: string): boolean {
	return command.name() === word || command.aliases().includes(word);
}
