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

/** The rows of a table by their first cell, each as its cells by their heads. */
export function rows(table: string): Map<string, Record<string, string>> {
	const [head = "", ...body] = table.trimEnd().split("\n");
	const columns = [...head.matchAll(/(\S+(?: \S+)*)(?: {2,}|$)/g)].map(({ 0: text, 1: title = "", index }) => ({
		title,
		from: index,
		to: index + text.length,
	}));
	return new Map(
		body.map((line) => {
			const last = columns.length - 1;
			const cells = columns.map(({ title, from, to }, at) => [title, line.slice(from, at === last ? undefined : to).trim()] as const);
			return [cells[0]?.[1] ?? "", Object.fromEntries(cells)];
		}),
	);
}

/** The lines below a head of `kubectl describe`. */
export function section(text: string, head: string): string[] {
	const all = text.split("\n");
	const at = all.findIndex((line) => line.startsWith(head));
	const end = all.findIndex((line, index) => index > at && /^\S/.test(line));
	return all.slice(at + 1, end);
}
