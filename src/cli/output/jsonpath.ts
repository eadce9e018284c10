import { type JsonValue, query } from "jsonpath-rfc9535";
import { CliError } from "../errors.ts";

/** kubectl's template: text with `{expressions}` in it. */
type Part = { type: "text"; text: string } | { type: "path"; path: string } | { type: "range"; path: string; body: Part[] };

/**
 * Fills a template of `-o jsonpath=`, in kubectl's dialect: `{.status.phase}`, `{.items[*].metadata.name}` (several
 * values are joined by a space), `{range .items[*]}{.metadata.name}{"\n"}{end}`, `{.metadata.labels.a\.b/c}`. A
 * template without braces is one expression. What is not there is empty.
 *
 * @throws CliError for a template that cannot be read.
 */
export function jsonpath(template: string, value: unknown): string {
	const text = template.includes("{") ? template : `{${template.startsWith(".") || /^[$@[]/.test(template) ? "" : "."}${template}}`;
	return fill(parse(text), value as JsonValue, value as JsonValue);
}

function fill(parts: readonly Part[], root: JsonValue, current: JsonValue): string {
	return parts
		.map((part) => {
			if (part.type === "text") return part.text;
			const values = evaluate(part.path, root, current);
			if (part.type === "path") return values.map(print).join(" ");
			return values.map((value) => fill(part.body, root, value)).join("");
		})
		.join("");
}

function print(value: JsonValue): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

function evaluate(path: string, root: JsonValue, current: JsonValue): JsonValue[] {
	try {
		return query(path.startsWith("$") ? root : current, toRfc9535(path));
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new CliError(`The jsonpath {${path}} cannot be read: ${why}`);
	}
}

function parse(template: string): Part[] {
	const open: { path: string; body: Part[] }[] = [{ path: "", body: [] }];
	const add = (part: Part) => open.at(-1)?.body.push(part);
	for (const piece of pieces(template)) {
		if (!piece.expression) add({ type: "text", text: piece.text });
		else if (piece.text.startsWith("range ")) open.push({ path: piece.text.slice("range ".length).trim(), body: [] });
		else if (piece.text === "end") {
			const range = open.pop();
			if (!range || open.length === 0) throw new CliError("The jsonpath has an {end} without a {range}.");
			add({ type: "range", ...range });
		} else if (/^["']/.test(piece.text)) add({ type: "text", text: literal(piece.text) });
		else add({ type: "path", path: piece.text });
	}
	if (open.length > 1) throw new CliError("The jsonpath has a {range} without an {end}.");
	return open[0]?.body ?? [];
}

/** Splits at braces, but not at those within quotes within an expression. */
function pieces(template: string): { expression: boolean; text: string }[] {
	const found: { expression: boolean; text: string }[] = [];
	let rest = template;
	while (rest !== "") {
		const start = rest.indexOf("{");
		if (start !== 0) found.push({ expression: false, text: start === -1 ? rest : rest.slice(0, start) });
		if (start === -1) break;
		const match = /^\{((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^"'{}\\])*)\}/.exec(rest.slice(start));
		if (!match) throw new CliError(`The jsonpath has a brace that is not closed: ${rest.slice(start)}`);
		found.push({ expression: true, text: (match[1] ?? "").trim() });
		rest = rest.slice(start + match[0].length);
	}
	return found;
}

function literal(quoted: string): string {
	const body = quoted.slice(1, -1).replace(/\\'/g, "'");
	try {
		return JSON.parse(`"${quoted.startsWith("'") ? body.replace(/(?<!\\)"/g, '\\"') : body}"`);
	} catch {
		throw new CliError(`The jsonpath has a text that cannot be read: ${quoted}`);
	}
}

// A name runs to the next character that means something, and a backslash takes that meaning away.
const TOKEN = /(?<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?<dots>\.\.?)(?<name>(?:\\.|[^.[\]()\s=!<>&|,\\])+)|(?<other>[\s\S])/gu;

// kubectl's users write `\.` within quotes too; the standard knows no such escape.
const NEEDLESS_ESCAPE = /\\(?=[^\\/bfnrtu'"])/g;

/** kubectl's expression in the standard's grammar: `.a.b\.c[?(@.x=="y")]` is `$['a']['b.c'][?(@['x']=="y")]`. */
function toRfc9535(path: string): string {
	const rooted = path.replace(/^[$@]/, "");
	const dotted = /^[.[]|^$/.test(rooted) ? rooted : `.${rooted}`;
	let result = "$";
	for (const { groups } of (dotted === "." ? "" : dotted).matchAll(TOKEN)) {
		const { text, dots, name, other } = groups ?? {};
		if (name === undefined) result += text?.replace(NEEDLESS_ESCAPE, "") ?? other ?? "";
		else result += `${dots === ".." ? ".." : ""}[${name === "*" ? "*" : quote(name.replace(/\\(.)/g, "$1"))}]`;
	}
	return result;
}

function quote(name: string): string {
	return `'${name.replace(/[\\']/g, "\\$&")}'`;
}
