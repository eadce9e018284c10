import type { RunFinished } from "../../durable-objects/session/events.ts";
import type { ApiClient } from "./api-client.ts";
import { type FollowOptions, follow, isJournaled } from "./follow.ts";
import { tryingAgain } from "./persist.ts";
import type { Screen } from "./render/screen.ts";

export type WatchOptions = Pick<FollowOptions, "namespace" | "session" | "after" | "signal" | "patience"> & { run: string };

/**
 * Shows a run until it ends, across lost connections. Returns how it ended; `undefined` when `signal` came first, or
 * the session knows no such run.
 */
export async function watchRun(client: ApiClient, options: WatchOptions, screen: Screen): Promise<RunFinished | undefined> {
	screen.working("working");
	try {
		for await (const item of follow(client, {
			...options,
			follow: true,
			onLost: (error) => screen.note(tryingAgain(error)),
			onBack: () => screen.note("The server is back."),
		})) {
			screen.show(item);
			if (isJournaled(item) && item.event.type === "run.finished") return item.event;
		}
		return undefined;
	} finally {
		screen.rest();
	}
}
