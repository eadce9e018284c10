import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { freePort, until } from "../e2e/klaw-process.ts";

/**
 * A workerd of the bench's own.
 *
 * @param dir where its configuration is written
 * @param config Cap'n Proto text for an address to listen on; embedded files are named by absolute paths
 */
export async function runWorkerd(dir: string, config: (address: string) => string): Promise<{ url: string; stop(): Promise<void> }> {
	const port = await freePort();
	const path = join(dir, "config.capnp");
	writeFileSync(path, config(`127.0.0.1:${port}`));
	const { default: workerd }: { default: string } = createRequire(import.meta.url)("workerd");
	const child = spawn(workerd, ["serve", "--import-path=/", path], { stdio: ["ignore", "ignore", "inherit"] });
	const gone = once(child, "exit");
	const url = `http://127.0.0.1:${port}`;
	const answers = () =>
		fetch(url).then(
			() => true,
			() => false,
		);
	const stop = async () => {
		child.kill("SIGKILL");
		await gone;
	};
	try {
		await until(answers, 10_000);
	} catch (error) {
		await stop();
		throw error;
	}
	return { url, stop };
}
