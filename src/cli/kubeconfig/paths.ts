import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { CliError } from "../errors.ts";
import type { Io } from "../io.ts";

export type KubeconfigIo = Pick<Io, "env" | "cwd" | "home">;

/** Where a kubeconfig may lie, and what chose it. */
export interface KubeconfigPaths {
	by: "flag" | "env" | "default";
	/** Absolute. Several only for `KUBECONFIG`, which is a list. */
	files: string[];
}

/** Like kubectl: `--kubeconfig`, `KUBECONFIG`; then klaw's own `.klaw/kubeconfig` of the working directory, `~/.kube/config`. */
export function kubeconfigPaths(flag: string | undefined, io: KubeconfigIo): KubeconfigPaths {
	if (flag !== undefined) return { by: "flag", files: [resolve(io.cwd, flag)] };
	const listed = (io.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
	if (listed.length > 0) return { by: "env", files: [...new Set(listed.map((path) => resolve(io.cwd, path)))] };
	const own = join(io.cwd, ".klaw", "kubeconfig");
	return { by: "default", files: [existsSync(own) ? own : join(io.home, ".kube", "config")] };
}

/** What to say when none of the files exists. */
export function noKubeconfig(paths: KubeconfigPaths, flag: string | undefined, io: KubeconfigIo): CliError {
	if (paths.by === "flag")
		return new CliError(`The file ${flag} of --kubeconfig does not exist. Name another one, or start klaw with: npm start`);
	if (paths.by === "env") {
		const named = (io.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
		return new CliError(`KUBECONFIG names ${named.join(", ")}, and no such file exists. Correct it, or unset it to use .klaw/kubeconfig.`);
	}
	return new CliError(
		"No kubeconfig was found: not by --kubeconfig, not by KUBECONFIG, not as .klaw/kubeconfig in this directory, not as ~/.kube/config. " +
			"Start klaw with `npm start` (or `klaw up`), or run this in the directory where it was started.",
	);
}
