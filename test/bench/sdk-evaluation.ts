/**
 * Imports a bundled Worker in Node and prints the model SDKs that this evaluated, and those whose evaluation could have
 * been seen. SDKs make symbols in the registry at their top level: which ones, an import of each shows afterwards.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const SDKS = ["@anthropic-ai/sdk", "openai"];
/** What the Worker imports of workerd while it is evaluated. */
const STUB = `
export class DurableObject {}
export class WorkerEntrypoint {}
export class RpcTarget {}
export const env = {}, exports = {};
export const waitUntil = () => undefined;
`;

let made = new Set<string>();
const makeSymbol = Symbol.for;
Symbol.for = (key) => {
	made.add(key);
	return makeSymbol(key);
};

/** The keys of the symbols that evaluating a module makes. */
async function symbolsOf(specifier: string): Promise<Set<string>> {
	made = new Set();
	await import(specifier);
	return made;
}

registerHooks({
	resolve: (specifier, context, next) =>
		specifier.startsWith("cloudflare:")
			? { url: `data:text/javascript,${encodeURIComponent(STUB)}`, shortCircuit: true }
			: next(specifier, context),
});

const [bundle = ""] = process.argv.slice(2);
const text = readFileSync(bundle, "utf8");
const byBundle = await symbolsOf(pathToFileURL(bundle).href);
const visible: string[] = [];
const evaluated: string[] = [];
for (const sdk of SDKS) {
	const marks = [...(await symbolsOf(sdk))].filter((key) => text.includes(key));
	if (marks.length > 0) visible.push(sdk);
	if (marks.some((key) => byBundle.has(key))) evaluated.push(sdk);
}
process.stdout.write(JSON.stringify({ visible, evaluated }));
