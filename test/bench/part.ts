import type { Figure } from "./figure.ts";

export interface BenchContext {
	/** Few repetitions: shows that everything runs, measures nothing. */
	quick: boolean;
	/** Of whatever a part does at random. */
	seed: number;
	/** Tells whoever waits what is going on. */
	progress(line: string): void;
}

/** One thing to measure. It brings up what it needs and leaves nothing behind. */
export interface Part {
	/** For `--only`. */
	name: string;
	measure(context: BenchContext): Promise<Figure[]>;
}
