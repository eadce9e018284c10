import { seededRandom } from "../../fakes/random.ts";
import { distribution, type Figure } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { BenchWorkspaces, benchState, plantFiles, STORE_MS } from "./bench-workspace.ts";

const FILES = 1_000;
const BYTES = 20_000;

/** What the first tool call of a session that was placed again waits for its files. */
export async function restoreWorkspace({ quick, seed, progress }: BenchContext): Promise<Figure[]> {
	const workspaces = new BenchWorkspaces();
	try {
		plantFiles(await workspaces.ensure("origin", benchState(1)), FILES, BYTES, seededRandom(seed));
		const head = await workspaces.checkpoint("origin", benchState(1));
		const samples: number[] = [];
		for (let round = 0; round < (quick ? 2 : 10); round++) {
			const begun = performance.now();
			await workspaces.ensure(`copy-${round}`, benchState(1, head));
			samples.push(performance.now() - begun);
		}
		progress(`${samples.length} restores of ${FILES} files`);
		const note = `the node's side alone, into an empty directory; its store is in memory and answers after ${STORE_MS} ms, with no link, no object and no R2 between`;
		const megabytes = (FILES * BYTES) / 1e6;
		return [
			distribution(
				{ what: `restore on the node (store of ${STORE_MS} ms), ${FILES} files, ${megabytes} MB`, unit: "ms", samples, note },
				{ p95: quick ? undefined : 3_000 },
			),
		];
	} finally {
		workspaces.remove();
	}
}
