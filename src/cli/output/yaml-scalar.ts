/**
 * How kubectl's YAML (libyaml's, by way of Go) writes a text: which of its styles, and where it folds. No JavaScript library
 * decides the same way, and people compare and keep what `get -o yaml` prints.
 */

/** Lines are folded at the first space after this column. */
const BEST_WIDTH = 80;

/** Texts that YAML 1.1 reads as something else than text. */
const WORDS = new Set(
	["y", "Y", "n", "N", "~", ""].concat(
		["yes", "no", "on", "off", "true", "false", "null"].flatMap((word) => [
			word,
			word.toUpperCase(),
			word[0]?.toUpperCase() + word.slice(1),
		]),
		[".nan", ".NaN", ".NAN"],
		[".inf", ".Inf", ".INF"].flatMap((infinity) => [infinity, `+${infinity}`, `-${infinity}`]),
	),
);
const NUMBER = /^[-+]?(?:0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+|(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?)$/;
const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIMESTAMP = /^(\d{4}-\d{1,2}-\d{1,2})(?:(?:[Tt]| )\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})?)?$/;

/** What YAML 1.1 shows as it stands: no control characters, no byte order mark, nothing beyond the basic plane. */
const UNPRINTABLE = /[^\n\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

export interface Place {
	/** Of the collection that the text is in, in spaces. Its own further lines are two deeper. */
	indent: number;
	/** Where the text begins. */
	column: number;
	/** A key cannot span lines. */
	key?: boolean;
}

/** @example formatScalar("true", { indent: 0, column: 5 }) // '"true"' */
export function formatScalar(text: string, place: Place): string {
	if (text.includes("\n")) return place.key || !fitsBlock(text) ? doubleQuoted(text, place) : literal(text, place);
	if (isAmbiguous(text) || UNPRINTABLE.test(text)) return doubleQuoted(text, place);
	if (fitsPlain(text)) return fold(text, place);
	return `'${fold(text.replaceAll("'", "''"), { ...place, column: place.column + 1 }, { quoted: true })}'`;
}

function isAmbiguous(text: string): boolean {
	return WORDS.has(text) || BASE_60.test(text) || isTimestamp(text) || (/^[-+.\d]/.test(text) && NUMBER.test(text.replaceAll("_", "")));
}

function isTimestamp(text: string): boolean {
	const [, date] = TIMESTAMP.exec(text) ?? [];
	return date !== undefined && !Number.isNaN(Date.parse(date));
}

function fitsPlain(text: string): boolean {
	if (/^ | $|^---|^\.\.\.|^[#,[\]{}&*!|>'"%@`]/.test(text)) return false;
	if (/^[-?:](?: |$)|:(?: |$)| #/.test(text)) return false;
	return true;
}

/** A block shows every space, so none may be lost at the end of a line, and it escapes nothing. */
function fitsBlock(text: string): boolean {
	return !/ \n| $/.test(text) && !UNPRINTABLE.test(text);
}

function literal(text: string, { indent }: Place): string {
	const indicator = /^[ \n]/.test(text) ? "2" : "";
	const chomping = text.endsWith("\n") ? (text.length === 1 || text.endsWith("\n\n") ? "+" : "") : "-";
	const margin = " ".repeat(indent + 2);
	const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
	return `|${indicator}${chomping}${lines.map((line) => `\n${line === "" ? "" : margin + line}`).join("")}`;
}

/** Breaks a line at single spaces beyond the best width. */
function fold(text: string, { indent, column, key }: Place, { quoted = false } = {}): string {
	if (key) return text;
	let result = "";
	let at = column;
	for (const [index, character] of [...text].entries()) {
		const breaks = character === " " && at > BEST_WIDTH && text[index - 1] !== " " && text[index + 1] !== " ";
		if (breaks && !(quoted && (index === 0 || index === text.length - 1))) {
			result += `\n${" ".repeat(indent + 2)}`;
			at = indent + 2;
		} else {
			result += character;
			at += 1;
		}
	}
	return result;
}

const ESCAPES: Readonly<Record<string, string>> = {
	"\0": "0",
	"\u0007": "a",
	"\b": "b",
	"\t": "t",
	"\n": "n",
	"\v": "v",
	"\f": "f",
	"\r": "r",
	"\u001b": "e",
	'"': '"',
	"\\": "\\",
	"\u0085": "N",
	"\u2028": "L",
	"\u2029": "P",
};

function doubleQuoted(text: string, { indent, column, key }: Place): string {
	let result = '"';
	let at = column + 1;
	const characters = [...text];
	for (const [index, character] of characters.entries()) {
		const inside = index > 0 && index < characters.length - 1;
		if (character === " " && !key && at > BEST_WIDTH && inside && characters[index - 1] !== " ") {
			// A space that begins a line would be taken for indentation.
			const kept = characters[index + 1] === " " ? "\\" : "";
			result += `\n${" ".repeat(indent + 2)}${kept}`;
			at = indent + 2 + kept.length;
			continue;
		}
		const written = escaped(character);
		result += written;
		at += written.length;
	}
	return `${result}"`;
}

function escaped(character: string): string {
	const known = ESCAPES[character];
	if (known !== undefined) return `\\${known}`;
	if (!UNPRINTABLE.test(character)) return character;
	const code = character.codePointAt(0) ?? 0;
	const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x1_0000 ? ["u", 4] : ["U", 8];
	return `\\${letter}${code.toString(16).toUpperCase().padStart(digits, "0")}`;
}
