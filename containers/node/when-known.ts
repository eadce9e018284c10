import type { NodeTaint } from "./protocol.ts";

/**
 * What comes of flags that are about the node as the cluster has it, when the cluster has it already.
 *
 * @returns a line to say; `undefined` when there is none of them
 */
export function whenKnown(name: string, taints: readonly NodeTaint[], labels: Readonly<Record<string, string>>): string | undefined {
	const ofTaints = `--taints are for the first join and change nothing now: change them with klaw taint nodes ${name} KEY=VALUE:EFFECT`;
	const ofLabels = `--labels are added to its labels: take others away with klaw label nodes ${name} KEY-`;
	const lines = [...(taints.length > 0 ? [ofTaints] : []), ...(Object.keys(labels).length > 0 ? [ofLabels] : [])];
	return lines.length === 0 ? undefined : `Node ${name} exists already. ${lines.map((line) => `Its ${line}.`).join(" ")}`;
}
