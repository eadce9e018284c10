import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { TOKEN } from "./link-server.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;

export interface NodeProcess {
	child: ChildProcess;
	/** What it logged so far. */
	log(): string;
	/** Its exit code or signal. */
	ended: Promise<number | string>;
	kill(signal: NodeJS.Signals): Promise<number | string>;
}

/** Starts `main.ts` as a process of its own, as `klaw up` does. It dies with the test at the latest. */
export function nodeProcess(url: string, dataDir: string, args: string[] = []): NodeProcess {
	const tokenFile = join(temporaryDirectory(), "token");
	writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
	const flags = ["--url", url, "--name", "node-1", "--data", dataDir, "--token-file", tokenFile, ...args];
	const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ["pipe", "ignore", "pipe"] });
	let text = "";
	child.stderr.setEncoding("utf8").on("data", (piece: string) => {
		text += piece;
	});
	const ended = once(child, "close").then(([code, signal]) => code ?? signal);
	onTestFinished(() => void child.kill("SIGKILL"));
	const kill = (signal: NodeJS.Signals) => {
		child.kill(signal);
		return ended;
	};
	return { child, log: () => text, ended, kill };
}
