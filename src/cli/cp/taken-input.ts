/** Bytes that may be under way to the command that reads them. The server keeps 32 MiB of input and fails on more. */
const WINDOW_BYTES = 8 * 2 ** 20;

/** What dd says of a piece that it passed on, in three lines, of which the last begins with the number of bytes, and of a pipe that is slow. */
const DD = /^(?:\d+\+\d+ records (?:in|out)|(\d+) bytes?\b.*|dd: warning: partial read .*)$/;

/** Reads the stderr of a command that takes its input by dd: how much it has taken, and what else was said. */
export class TakenInput {
	#sent = 0;
	#taken = 0;
	#ended = false;
	#line = "";
	#said = "";
	#wake: () => void = () => undefined;

	/** So many bytes more were sent. Resolves when there is room for others; `false`: nobody reads any more. */
	async sent(bytes: number): Promise<boolean> {
		this.#sent += bytes;
		while (!this.#ended && this.#sent - this.#taken > WINDOW_BYTES)
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		return !this.#ended;
	}

	get taken(): number {
		return this.#taken;
	}

	/** What was said that is not dd's. */
	get said(): string {
		return this.#said + this.#line;
	}

	read(text: string): void {
		const lines = (this.#line + text).split("\n");
		this.#line = lines.pop() ?? "";
		for (const line of lines) {
			const dd = DD.exec(line);
			if (!dd) this.#said += `${line}\n`;
			this.#taken += Number(dd?.[1] ?? 0);
		}
		this.#wake();
	}

	/** The command has ended. */
	end(): void {
		this.#ended = true;
		this.#wake();
	}
}
