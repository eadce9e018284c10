/** What the model is told of its files when they are not what its last call left, before the first result from where they are now. */
import { timestamp } from "../../src/resources/resource.ts";
import type { SessionState } from "./state.ts";

/**
 * `moved`: on another machine. `lost`: with a machine that had files which are in no checkpoint. `abandoned`: a person gave
 * such files up. `back`: the machine was lost and is there again, with those files.
 */
export type Arrival = { as: "moved" | "lost" | "back" } | { as: "abandoned" /** A clause. */; reason: string };

const ENDED =
	"what ran in the background is gone, and so are directories that checkpoints leave out, such as node_modules, .venv and target";

export function arrivalText(arrival: Arrival, state: Pick<SessionState, "head" | "checkpoints">): string {
	const hasFiles = state.head !== undefined;
	switch (arrival.as) {
		case "moved":
			if (hasFiles) return `[This session moved to another machine. Its files are those of the last checkpoint; ${ENDED}.]`;
			return "[This session moved to another machine. What ran in the background is gone. No call that had ended left anything there that checkpoints keep, so this ran in an empty workspace.]";
		case "lost":
			if (!hasFiles) return "[The machine that held this session's files is gone. This ran on another one, in an empty workspace.]";
			return `[The machine that held this session's files is gone, and its last changes were in no checkpoint. The files are those of ${lastOf(state)}: look at what is missing. Besides, ${ENDED}.]`;
		case "abandoned":
			if (!hasFiles)
				return `[The files of this session were in no checkpoint, and were given up (${arrival.reason}). Its workspace is empty.]`;
			return `[The last changes to this session's files were in no checkpoint, and were given up (${arrival.reason}). The files are those of ${lastOf(state)}: look at what is missing. Besides, ${ENDED}.]`;
		case "back":
			return "[The machine of this session was lost for a while and is back. Its files are as they were left there, and in no checkpoint; what ran in the background has ended.]";
	}
}

function lastOf({ head, checkpoints }: Pick<SessionState, "head" | "checkpoints">): string {
	const record = checkpoints.findLast(({ name }) => name === head);
	const name = `checkpoint ${head?.slice(0, 12) ?? ""}`;
	return record ? `${name}, made at ${timestamp(record.at)}${record.tool === undefined ? "" : ` after ${record.tool}`}` : name;
}
