/** What a person wants to know of a call's arguments: its command, path, pattern or URL; else all of them. @param raw JSON, or what was to be */
export function mainArgument(raw: string): string {
	let json: unknown;
	try {
		json = JSON.parse(raw);
	} catch {
		return raw;
	}
	if (typeof json !== "object" || json === null) return raw;
	const values = new Map(Object.entries(json));
	if (values.has("command")) return `$ ${values.get("command")}`;
	for (const key of ["path", "pattern", "url"]) if (values.has(key)) return String(values.get(key));
	return values.size === 0 ? "" : raw;
}
