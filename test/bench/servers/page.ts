export type PageKind = "text" | "json";

const LINE = "Some text, as a page or a log has it: lines of about eighty characters, so.\n";
const ROW = '{"name":"klaw","kind":"Agent","ready":true,"restarts":0,"labels":{"tier":"web","zone":"a"}},';

/** So many bytes of text, or of JSON as an API answers it. */
export function page(bytes: number, kind: PageKind): string {
	const piece = kind === "json" ? ROW : LINE;
	return piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes);
}
