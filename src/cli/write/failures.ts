import type { Cli } from "../cli.ts";
import { ApiError, CliError, sentence } from "../errors.ts";

/** A server's refusal, with what was being done when it came, as kubectl says it: `error when creating "agents.yaml": …`. */
export function withSource(error: unknown, doing: string, source: string | undefined): unknown {
	if (source === undefined) return error;
	const before = `error when ${doing} "${source}": `;
	if (error instanceof ApiError) return new ApiError(error.code, { ...error.status, message: `${before}${error.status.message ?? ""}` });
	return error;
}

/**
 * Collects what went wrong with single objects: one that is refused does not hold up the others. At the end each is a
 * line on stderr, and the exit code is 1.
 */
export class Failures {
	readonly #errors: CliError[] = [];

	/** Does it; a failure is kept. @returns whether it was done */
	async attempt(work: () => Promise<void>): Promise<boolean> {
		try {
			await work();
			return true;
		} catch (error) {
			if (!(error instanceof CliError)) throw error;
			this.#errors.push(error);
			return false;
		}
	}

	add(error: CliError): void {
		this.#errors.push(error);
	}

	/** Whether anything went wrong so far. */
	get any(): boolean {
		return this.#errors.length > 0;
	}

	/** As kubectl: one error as itself, several without the word in front. */
	report(cli: Cli): void {
		if (this.#errors.length === 0) return;
		cli.exitCode = 1;
		const [only, ...more] = this.#errors;
		if (more.length === 0) cli.io.stderr.write(`${sentence(only)}\n`);
		else for (const error of this.#errors) cli.io.stderr.write(`${error.message}\n`);
	}
}
