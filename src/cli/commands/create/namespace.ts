import type { Generator, GeneratorFlags } from "./generator.ts";

export const createNamespace: Generator<GeneratorFlags> = {
	name: "namespace",
	aliases: ["ns"],
	description: "create a Namespace",
	kind: { group: "", version: "v1", kind: "Namespace", plural: "namespaces", namespaced: false },
	object: () => ({ spec: {}, status: {} }),
};
