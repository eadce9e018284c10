import { setTimeout as pause } from "node:timers/promises";
import type { ApiClient } from "../api-client.ts";
import type { Output } from "../io.ts";
import { printable } from "../render/style.ts";
import { type ExecRequest, ExecSocket } from "./exec-socket.ts";

/** When the first word is said, and how often the session is looked at then, in milliseconds. */
const PATIENCE = { firstMs: 1_000, everyMs: 2_000 };

/**
 * Opens a command. While it waits for a node, which may have to be started, it is said what it waits for.
 *
 * @throws ApiError when the server says no; ConnectionError when it says nothing
 */
export async function openExec(
	client: ApiClient,
	stderr: Pick<Output, "write">,
	request: ExecRequest,
	patience: typeof PATIENCE = PATIENCE,
): Promise<ExecSocket> {
	const opened = new AbortController();
	void tellWaiting(client, stderr, request, patience, opened.signal);
	try {
		return await ExecSocket.open(client, request);
	} finally {
		opened.abort();
	}
}

/** A line when it changes. Never rejects: who may not see the session waits in peace. */
async function tellWaiting(
	client: ApiClient,
	stderr: Pick<Output, "write">,
	{ namespace, session }: ExecRequest,
	{ firstMs, everyMs }: typeof PATIENCE,
	signal: AbortSignal,
): Promise<void> {
	const path = `/apis/klaw.sh/v1/namespaces/${encodeURIComponent(namespace)}/sessions/${encodeURIComponent(session)}`;
	let said: string | undefined;
	try {
		for (let wait = firstMs; ; wait = everyMs) {
			await pause(wait, undefined, { signal });
			const { status } = await client.json<{ status?: { waitingFor?: string } }>(path, { signal });
			const what = status?.waitingFor === undefined ? "" : `: ${status.waitingFor}`;
			const line = `${printable(`Waiting for a node for session/${session}${what}`)}\n`;
			if (signal.aborted || line === said || (said !== undefined && status?.waitingFor === undefined)) continue;
			stderr.write(line);
			said = line;
		}
	} catch {
		// It was opened or refused, or the session cannot be looked at.
	}
}
