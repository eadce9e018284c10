import { appendFileSync } from "node:fs";
import { seededRandom } from "../../fakes/random.ts";
import { distribution, type Figure } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { BenchWorkspaces, benchState, plantFiles, STORE_MS } from "./bench-workspace.ts";

const FILES = 1_000;
const BYTES = 20_000;

/** What a tool call waits for its checkpoint when it changed one file of many. */
export async function oneFileChange({ quick, seed, progress }: BenchContext): Promise<Figure[]> {
	const random = seededRandom(seed);
	const workspaces = new BenchWorkspaces();
	try {
		const root = await workspaces.ensure("s", benchState(1));
		const paths = plantFiles(root, FILES, BYTES, random);
		let head = await workspaces.checkpoint("s", benchState(1));
		const samples: number[] = [];
		for (let round = 0; round < (quick ? 5 : 100); round++) {
			appendFileSync(paths[Math.floor(random() * paths.length)] ?? "", `// change ${round}\n`);
			const begun = performance.now();
			head = await workspaces.checkpoint("s", benchState(1, head));
			samples.push(performance.now() - begun);
		}
		progress(`${samples.length} checkpoints of one changed file in ${FILES}`);
		const note = `the node's side alone: scan, packing and index; its store is in memory and answers after ${STORE_MS} ms, with no link, no object and no R2 between`;
		return [
			distribution(
				{ what: `checkpoint on the node (store of ${STORE_MS} ms), 1 of ${FILES} files changed`, unit: "ms", samples, note },
				{ p50: quick ? undefined : 50 },
			),
		];
	} finally {
		workspaces.remove();
	}
}
