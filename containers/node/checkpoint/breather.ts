import { setImmediate } from "node:timers/promises";

/** What blocks for longer is felt by the other sessions of the node. */
const BUSY_MS = 8;

/**
 * Lets others have the thread between two pieces of long synchronous work. System calls on small files are several times
 * faster synchronously than through the thread pool, and there are a hundred thousand of them.
 *
 * @example const breathe = breather(); for (const file of files) { stat(file); await breathe(); }
 */
export function breather(): () => Promise<void> | undefined {
	let since = performance.now();
	return () => {
		if (performance.now() - since < BUSY_MS) return undefined;
		return setImmediate().then(() => {
			since = performance.now();
		});
	};
}
