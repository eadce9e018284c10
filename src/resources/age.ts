const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A length of time as `kubectl` prints it (apimachinery's `duration.HumanDuration`): `42s`, `7m3s`, `5d3h`. */
export function humanDuration(ms: number): string {
	if (ms < -2 * SECOND) return "<invalid>";
	if (ms < 0) return "0s";
	if (ms < 2 * MINUTE) return `${Math.floor(ms / SECOND)}s`;
	if (ms < 10 * MINUTE) return pair(ms, MINUTE, "m", SECOND, "s");
	if (ms < 3 * HOUR) return `${Math.floor(ms / MINUTE)}m`;
	if (ms < 8 * HOUR) return pair(ms, HOUR, "h", MINUTE, "m");
	if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`;
	if (ms < 8 * DAY) return pair(ms, DAY, "d", HOUR, "h");
	if (ms < 2 * YEAR) return `${Math.floor(ms / DAY)}d`;
	if (ms < 8 * YEAR) return pair(ms, YEAR, "y", DAY, "d");
	return `${Math.floor(ms / YEAR)}y`;
}

/** `since` is an RFC 3339 time; absent or unreadable ones are `<unknown>`. */
export function age(since: string | undefined, now: number): string {
	const at = since === undefined ? Number.NaN : Date.parse(since);
	return Number.isNaN(at) ? "<unknown>" : humanDuration(now - at);
}

function pair(ms: number, big: number, bigName: string, small: number, smallName: string): string {
	const whole = Math.floor(ms / big);
	const rest = Math.floor((ms - whole * big) / small);
	return rest === 0 ? `${whole}${bigName}` : `${whole}${bigName}${rest}${smallName}`;
}
