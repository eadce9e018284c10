import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Json } from "../../e2e/klaw-process.ts";
import { Cluster } from "../cluster.ts";
import { type Figure, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import type { PageKind } from "../servers/page.ts";

const CALL_BYTES = 5_000;
/** A run takes at most 1,000 model calls, and its answer is one. */
const CALLS_PER_RUN = 500;

/**
 * What a session of many tool calls takes on disk, against what its tools and its model produced. JSON is the hard
 * case: whoever stores it as a string in JSON escapes every quote.
 */
export async function journalGrowth(context: BenchContext): Promise<Figure[]> {
	return [await grow(context, "text", context.quick ? 50 : 1_000), await grow(context, "json", context.quick ? 50 : 300)];
}

async function grow({ quick, progress }: BenchContext, kind: PageKind, calls: number): Promise<Figure> {
	return Cluster.with(async (cluster) => {
		await cluster.createSession("growth");
		const fetchPage = [{ name: "web_fetch", arguments: JSON.stringify({ url: cluster.servers.page(CALL_BYTES, kind) }) }];
		for (let done = 0; done < calls; done += CALLS_PER_RUN) {
			await cluster.run("growth", `growth-${done}`, { steps: Math.min(CALLS_PER_RUN, calls - done), calls: fetchPage });
			progress(`${Math.min(done + CALLS_PER_RUN, calls)} of ${calls} tool calls of ${CALL_BYTES} bytes of ${kind}`);
		}
		const produced = (await cluster.journal("growth")).reduce((sum, { event }) => sum + producedBytes(event), 0);
		await cluster.klaw.stop();
		const stored = storedBytes(join(cluster.klaw.data, "state", "klaw-SessionObject"));
		const note = `${stored} bytes of SQLite after a checkpoint / ${produced} bytes of tool results and of what the model wrote (text, ids, names, arguments)`;
		const what = `stored / produced, ${calls} calls of 5 KB of ${kind}`;
		// The database's first pages weigh too much in a few calls.
		return single({ what, unit: "×", value: stored / produced, n: calls, note }, { below: quick ? undefined : 1.2 });
	});
}

function producedBytes(event: Json): number {
	if (event.type === "tool.completed") return Buffer.byteLength(event.content);
	if (event.type !== "model.completed") return 0;
	const parts: { text?: string; id?: string; name?: string; arguments?: string }[] = event.message.content;
	return parts.reduce(
		(sum, { text = "", id = "", name = "", arguments: args = "" }) => sum + Buffer.byteLength(text + id + name + args),
		0,
	);
}

/** Bytes of the one session's database, its write-ahead log taken in. */
function storedBytes(dir: string): number {
	const files = readdirSync(dir).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
	const [file] = files;
	if (!file || files.length > 1) throw new Error(`${dir} holds ${files.length} databases; the bench made one session.`);
	const database = new DatabaseSync(join(dir, file));
	database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
	database.close();
	return statSync(join(dir, file)).size;
}
