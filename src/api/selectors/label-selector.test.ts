import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../status.ts";
import { parseLabelSelector } from "./label-selector.ts";

function messageOf(text: string): string {
	try {
		parseLabelSelector(text);
	} catch (error) {
		if (error instanceof ApiError) return `${error.status.code} ${error.status.message}`;
		throw error;
	}
	return "parsed";
}

describe("a selector", () => {
	test.each([
		["", {}, true],
		["a=b", { a: "b" }, true],
		["a==b", { a: "b" }, true],
		["a=b", { a: "c" }, false],
		["a=b", {}, false],
		["a=", { a: "" }, true],
		["a=,b", { a: "", b: "x" }, true],
		["a!=b", { a: "c" }, true],
		["a!=b", {}, true],
		["a!=b", { a: "b" }, false],
		["a", { a: "" }, true],
		["a", {}, false],
		["!a", {}, true],
		["!a", { a: "b" }, false],
		["a in (b, c)", { a: "c" }, true],
		["a in (b, c)", { a: "d" }, false],
		["a in (b, c)", {}, false],
		["a notin (b, c)", { a: "d" }, true],
		["a notin (b, c)", {}, true],
		["a notin (b, c)", { a: "b" }, false],
		["a in ()", { a: "" }, true],
		["a in (b,)", { a: "" }, true],
		["a in (b,,c)", { a: "" }, true],
		["in=notin", { in: "notin" }, true],
		["a in (in, notin)", { a: "in" }, true],
		["a>4", { a: "5" }, true],
		["a>5", { a: "5" }, false],
		["a<10", { a: "9" }, true],
		["a<10", { a: "x" }, false],
		["a<10", {}, false],
		["  a  =  b ,\t!c ", { a: "b" }, true],
		["a=b,!c", { a: "b", c: "" }, false],
		["klaw.sh/agent=coder", { "klaw.sh/agent": "coder" }, true],
		["toString", {}, false],
	])("%j of %j is %s", (text, labels, matches) => {
		expect(parseLabelSelector(text).matches(labels)).toBe(matches);
	});

	test("matches objects without labels by what they do not have", () => {
		expect(parseLabelSelector("!a").matches(undefined)).toBe(true);
		expect(parseLabelSelector("a").matches(undefined)).toBe(false);
	});

	// The words are those of kubectl 1.32: kubectl create poddisruptionbudget x --selector=… --dry-run=client
	test.each([
		["a=(", "unable to parse requirement: found '(', expected: identifier"],
		["a===b", "unable to parse requirement: found '=', expected: identifier"],
		["!", "unable to parse requirement: found '', expected: identifier"],
		["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
		["a!b", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
		["a toString (b)", "unable to parse requirement: found 'toString', expected: in, notin, =, ==, !=, gt, lt"],
		["a in", "unable to parse requirement: found '' expected: '('"],
		["a in b", "unable to parse requirement: found 'b' expected: '('"],
		["a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"],
		["a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
		["a in (b", "unable to parse requirement: found '', expected: ',' or ')'"],
		["a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"],
		[",a", "found ',', expected: !, identifier, or 'end of string'"],
		["(a", "found '(', expected: !, identifier, or 'end of string'"],
		["a,", "found '', expected: identifier after ','"],
		["a,,b", "found ',', expected: identifier after ','"],
		["a=b c", "found 'c', expected: ',' or 'end of string'"],
		["a=b=c", "found '=', expected: ',' or 'end of string'"],
		["!a=b", "found '=', expected: ',' or 'end of string'"],
		["a>b", "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"],
	])("%j is refused in Kubernetes' words", (text, message) => {
		expect(messageOf(text)).toBe(`400 ${message}`);
	});

	test.each([
		["-a=b", 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'],
		["a=-b", 'unable to parse requirement: values[0][a]: Invalid value: "-b": a valid label must be an empty string or consist of'],
		["a in (b,-c)", 'unable to parse requirement: values[0][a]: Invalid value: "-c": a valid label'],
		[`a=${"x".repeat(64)}`, `Invalid value: "${"x".repeat(64)}": must be no more than 63 characters`],
		[`${"x".repeat(64)}=a`, "name part must be no more than 63 characters"],
	])("%j is refused for its key or value", (text, message) => {
		expect(messageOf(text)).toContain(message);
	});

	test("of any text is a selector or a 400", () => {
		const tokens = fc.array(fc.constantFrom("a", "b", "in", "notin", "=", "==", "!=", "!", "(", ")", ",", "<", ">", "1", " ", "é"));
		fc.assert(
			fc.property(tokens, (parts) => {
				expect(messageOf(parts.join(""))).toMatch(/^(parsed$|400 )/);
			}),
		);
	});
});
