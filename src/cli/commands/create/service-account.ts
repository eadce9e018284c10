import type { Generator, GeneratorFlags } from "./generator.ts";

export const createServiceAccount: Generator<GeneratorFlags> = {
	name: "serviceaccount",
	aliases: ["sa"],
	description: "create a ServiceAccount",
	refused: "failed to create serviceaccount:",
	kind: { group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", namespaced: true },
	object: () => ({}),
};
