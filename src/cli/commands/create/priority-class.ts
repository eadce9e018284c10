import { InvalidArgumentError } from "commander";
import type { Generator, GeneratorFlags } from "./generator.ts";

interface Flags extends GeneratorFlags {
	value: number;
	globalDefault?: boolean;
	description: string;
	preemptionPolicy: string;
}

export const createPriorityClass: Generator<Flags> = {
	name: "priorityclass",
	aliases: ["pc"],
	description: "create a PriorityClass",
	refused: "failed to create priorityclass:",
	kind: { group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass", plural: "priorityclasses", namespaced: false },
	options(command) {
		command
			.option("--value <number>", "who has more goes first", wholeNumber, 0)
			.option("--global-default", "for sessions whose agent names no class")
			.option("--description <text>", "what it is for", "")
			.option("--preemption-policy <policy>", "PreemptLowerPriority or Never", "PreemptLowerPriority");
	},
	object({ value, globalDefault, description, preemptionPolicy }) {
		return { value, ...(globalDefault && { globalDefault }), ...(description !== "" && { description }), preemptionPolicy };
	},
};

function wholeNumber(text: string): number {
	if (/^-?\d{1,10}$/.test(text)) return Number(text);
	throw new InvalidArgumentError("It must be a whole number.");
}
