import { addSourceOptions, readSources, type SourceFlags } from "./from-sources.ts";
import type { Generator, GeneratorFlags } from "./generator.ts";

export const createConfigMap: Generator<GeneratorFlags & SourceFlags> = {
	name: "configmap",
	aliases: ["cm"],
	description: "create a ConfigMap from files, directories or values",
	refused: "failed to create configmap:",
	kind: { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
	options: addSourceOptions,
	async object(flags, { cli }) {
		const data: Record<string, string> = {};
		const binaryData: Record<string, string> = {};
		for (const [key, bytes] of await readSources(flags, cli.io)) {
			const text = bytes.toString("utf8");
			// What is not UTF-8 would not come back as it was.
			if (Buffer.from(text).equals(bytes)) data[key] = text;
			else binaryData[key] = bytes.toString("base64");
		}
		return { ...(Object.keys(data).length > 0 && { data }), ...(Object.keys(binaryData).length > 0 && { binaryData }) };
	},
};
