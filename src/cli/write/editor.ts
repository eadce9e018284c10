import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "../errors.ts";
import type { Io } from "../io.ts";

/** A file in the user's editor, as often as it takes. */
export class EditedFile {
	readonly path: string;
	readonly #dir: string;
	readonly #command: string;
	readonly #env: Io["env"];

	private constructor(dir: string, io: Pick<Io, "env">) {
		this.#dir = dir;
		this.path = join(dir, "klaw-edit.yaml");
		this.#command = io.env.KUBE_EDITOR || io.env.EDITOR || "vi";
		this.#env = io.env;
	}

	static async create(io: Pick<Io, "env">): Promise<EditedFile> {
		return new EditedFile(await mkdtemp(join(tmpdir(), "klaw-edit-")), io);
	}

	/** Shows a text and returns what it was saved as. @throws CliError when the editor failed */
	async edit(text: string): Promise<string> {
		await writeFile(this.path, text, { mode: 0o600 });
		const code = await new Promise<number | null>((resolve, reject) => {
			// A shell, since an editor may be a command with options.
			const child = spawn("/bin/sh", ["-c", `${this.#command} "$1"`, "klaw-edit", this.path], { env: this.#env, stdio: "inherit" });
			child.on("error", (error) => reject(new CliError(`unable to launch the editor "${this.#command}": ${error.message}`)));
			child.on("close", resolve);
		});
		if (code !== 0) throw new CliError(`there was a problem with the editor "${this.#command}"`);
		return readFile(this.path, "utf8");
	}

	async remove(): Promise<void> {
		await rm(this.#dir, { recursive: true, force: true });
	}
}
