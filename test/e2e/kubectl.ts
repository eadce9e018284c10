import { execFile } from "node:child_process";
import { join } from "node:path";
import type { CommandResult, Klaw } from "./klaw-process.ts";

/** Runs the real kubectl, as a user would who has klaw's kubeconfig. */
export function kubectl(klaw: Klaw, ...args: string[]): Promise<CommandResult> {
	return new Promise((resolve) => {
		const env = { PATH: process.env.PATH, HOME: klaw.dir, KUBECONFIG: join(klaw.data, "kubeconfig") };
		execFile("kubectl", args, { env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
			resolve({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, stdout, stderr });
		});
	});
}
