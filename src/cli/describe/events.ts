import type { Description } from "./description.ts";
import { type EventObject, eventAge, eventSource } from "./event.ts";

/** The last part of most descriptions. `undefined`: events are not to be shown. */
export function describeEvents(text: Description, events: readonly EventObject[] | undefined, now: number): void {
	if (!events) return;
	if (events.length === 0) {
		text.line(0, "Events:", "<none>");
		return;
	}
	text.line(0, "Events:");
	const sorted = [...events].sort((a, b) => Date.parse(a.lastTimestamp ?? "1970-01-01") - Date.parse(b.lastTimestamp ?? "1970-01-01"));
	text.line(1, "Type", "Reason", "Age", "From", "Message");
	text.line(1, "----", "------", "----", "----", "-------");
	for (const event of sorted)
		text.line(1, event.type ?? "", event.reason ?? "", eventAge(event, now), eventSource(event), (event.message ?? "").trim());
}
