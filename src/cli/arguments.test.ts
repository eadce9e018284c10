import { Command, Option } from "commander";
import { expect, it } from "vitest";
import { firstWord, normalizeArguments } from "./arguments.ts";

function program(): Command {
	const klaw = new Command("klaw").option("-n, --namespace <name>").option("--user <name>").option("--insecure");
	klaw.command("get").option("-o, --output <format>").option("-l, --selector <labels>").option("-w, --watch").option("--no-headers");
	klaw
		.command("delete")
		.option("--wait", "", true)
		.option("--no-wait")
		.option("--force")
		.option("-f, --filename <file>")
		.addOption(new Option("--cascade <how>"));
	klaw.command("config").command("set-context").option("--user <name>").option("--namespace <name>");
	klaw.command("apply").addOption(new Option("--dry-run <mode>"));
	return klaw;
}

it.each([
	["global options come first, wherever they stood", ["get", "agents", "-n", "team"], ["-n", "team", "get", "agents"]],
	["global options come first in every spelling", ["get", "-nteam", "--insecure", "--user=u"], ["-nteam", "--insecure", "--user=u", "get"]],
	[
		"a command's own option of the same name stays",
		["config", "set-context", "x", "--user", "u", "--namespace=n"],
		["config", "set-context", "x", "--user", "u", "--namespace=n"],
	],
	["the value of an option is no option", ["get", "-l", "-n", "agents"], ["get", "-l", "-n", "agents"]],
	["a short option may have its value behind =", ["get", "-o=json", "-n=a=b"], ["-n", "a=b", "get", "-o", "json"]],
	["a switch may be set to true and false", ["delete", "--wait=false", "--force=true"], ["delete", "--no-wait", "--force"]],
	["a switch that cannot be turned that way is left out", ["delete", "--force=false", "x"], ["delete", "x"]],
	["--headers=false is --no-headers", ["get", "--headers=false"], ["get", "--no-headers"]],
	["an option with a value keeps it", ["apply", "--dry-run=server"], ["apply", "--dry-run=server"]],
	["--dry-run and --cascade may stand alone", ["apply", "--dry-run", "-n", "x"], ["-n", "x", "apply", "--dry-run=client"]],
	["--cascade does not take the next word", ["delete", "--cascade", "agent"], ["delete", "--cascade=background", "agent"]],
	["what stands behind -- is left alone", ["get", "--", "-n", "x", "-o=json"], ["get", "--", "-n", "x", "-o=json"]],
	["a lone dash is a word", ["delete", "-f", "-", "-n", "x"], ["-n", "x", "delete", "-f", "-"]],
	["words that look like commands are words", ["get", "get", "delete", "--watch"], ["get", "get", "delete", "--watch"]],
])("%s", (_, argv, expected) => {
	expect(normalizeArguments(argv, program())).toEqual(expected);
});

it.each([
	[["get", "agents"], "get"],
	[["-n", "team", "--user=u", "--insecure", "get"], "get"],
	[["-nteam", "get"], "get"],
	[["--help"], undefined],
	[["-n"], undefined],
	[["--", "get"], undefined],
])("the command of %j is %s", (argv, expected) => {
	expect(firstWord(argv, program())).toBe(expected);
});
