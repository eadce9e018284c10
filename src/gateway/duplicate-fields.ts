/** As many as are named; more help nobody. */
const NAMED = 10;

interface Level {
	path: string;
	/** Absent in an array. */
	keys?: Set<string>;
	/** Of the element that is being read. */
	index: number;
}

/**
 * Paths of the fields that stand twice in their object. `JSON.parse` silently keeps the last of them, and Kubernetes
 * does not accept that unseen.
 *
 * @param json text that was parsed without complaint
 * @example duplicateFields('{"spec":{"model":"a","model":"b"}}') // ["spec.model"]
 */
export function duplicateFields(json: string): string[] {
	const found: string[] = [];
	const levels: Level[] = [];
	let key: string | undefined;
	for (let at = 0; at < json.length; at++) {
		const level = levels.at(-1);
		switch (json[at]) {
			case "{":
			case "[":
				levels.push({ path: level ? pathOf(level, key) : "", index: 0, ...(json[at] === "{" && { keys: new Set<string>() }) });
				key = undefined;
				break;
			case "}":
			case "]":
				levels.pop();
				key = undefined;
				break;
			case ",":
				if (level) level.index++;
				key = undefined;
				break;
			case '"': {
				const end = endOfString(json, at);
				if (level?.keys && key === undefined) {
					key = String(JSON.parse(json.slice(at, end)));
					if (level.keys.has(key) && found.length < NAMED) found.push(pathOf(level, key));
					level.keys.add(key);
				}
				at = end - 1;
			}
		}
	}
	return found;
}

function pathOf({ path, keys, index }: Level, key = ""): string {
	if (!keys) return `${path}[${index}]`;
	return path === "" ? key : `${path}.${key}`;
}

/** The place after the closing quote. */
function endOfString(json: string, start: number): number {
	for (let at = start + 1; at < json.length; at++) {
		if (json[at] === "\\") at++;
		else if (json[at] === '"') return at + 1;
	}
	return json.length;
}
