import { shorten } from "../../containers/node/text.ts";
import type { SessionReport } from "../ports.ts";

/** Characters of a message; an event of Kubernetes has 1,024. */
const MESSAGE = 1_000;
/** Of what is waited for, or of why a run failed: the scheduler names taints and labels, a provider quotes its answer. */
const REASONS = 4_000;
/** Of an answer. A row of the platform's database ends at 2 MB, and JSON may write a character as six bytes. */
const ANSWER = 250_000;
const LEFT_OUT = "\n\n... (the rest of the answer is in the session's log: klaw logs) ...";

/**
 * A report that the namespace can store whatever is in it: one that is too large for a row would be sent again for ever, and
 * whatever the session has to tell stands behind it.
 */
export function boundedReport(report: SessionReport): SessionReport {
	const { waitingFor, run, notices, checkpointed } = report;
	const { message, result } = run;
	return {
		...report,
		...(waitingFor !== undefined && { waitingFor: shorten(waitingFor, REASONS) }),
		run: {
			...run,
			...(message !== undefined && { message: shorten(message, REASONS) }),
			...(result !== undefined && result.length > ANSWER && { result: `${shorten(result, ANSWER)}${LEFT_OUT}` }),
		},
		...(notices && { notices: notices.map((notice) => ({ ...notice, message: shorten(notice.message, MESSAGE) })) }),
		...(checkpointed && { checkpointed: { ...checkpointed, message: shorten(checkpointed.message, REASONS) } }),
	};
}
