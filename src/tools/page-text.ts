/** What a model reads of a fetched HTML page. */

/** Below this depth of the page nothing is read. */
const READ_DEPTH = 500;
/** Nested deeper, a page is an attack: the parser's work grows with the square of the depth. */
const PARSE_DEPTH = 5_000;

const NO_TEXT = ["script", "style", "noscript", "template", "svg", "img", "iframe", "object"];
/** Tags that need no end, so that many of them are no nesting. */
const ENDLESS = new Set(
	"area base br col embed hr img input link meta source track wbr p li dt dd tr td th tbody thead tfoot option optgroup colgroup rp rt".split(
		" ",
	),
);

/**
 * HTML as text: links stay, as absolute URLs; scripts, styles and pictures go. `undefined` for a page that is nested too
 * deeply to be read.
 * @param base the URL that relative links are relative to
 */
export async function htmlToText(html: string, base: string): Promise<string | undefined> {
	if (depthOf(html) > PARSE_DEPTH) return undefined;
	// Loaded when first needed: every start of the Worker would pay for it.
	const { convert } = await import("html-to-text");
	const absolute = (href: string) => URL.parse(href, base)?.href ?? href;
	return convert(html, {
		wordwrap: false,
		limits: { maxDepth: READ_DEPTH },
		baseElements: { selectors: ["head > title", "body"] },
		selectors: [
			{ selector: "title", format: "block" },
			...NO_TEXT.map((selector) => ({ selector, format: "skip" })),
			{ selector: "a", options: { noAnchorUrl: true, hideLinkHrefIfSameAsText: true, pathRewrite: absolute } },
			// Nothing that could be fetched.
			...["mailto:", "javascript:", "tel:"].map((scheme) => ({ selector: `a[href^="${scheme}"]`, format: "inline" })),
			...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false, leadingLineBreaks: 2 } })),
		],
	});
}

/** How deeply tags are nested at most, roughly and in one pass. */
function depthOf(html: string): number {
	let depth = 0;
	let deepest = 0;
	for (const [, slash, name = ""] of html.matchAll(/<(\/?)([a-z][a-z0-9-]*)/gi)) {
		if (ENDLESS.has(name.toLowerCase())) continue;
		depth = slash === "" ? depth + 1 : Math.max(0, depth - 1);
		deepest = Math.max(deepest, depth);
	}
	return deepest;
}
