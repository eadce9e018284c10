import type { Hello } from "../../containers/node/protocol.ts";
import { labelValueProblem, qualifiedNameProblem } from "../../src/resources/name.ts";

/** Far above what a machine has, and below what would weigh on whoever lists nodes. */
const LABELS = 64;
const TAINTS = 64;
const ADDRESSES = 64;
const FEATURES = 64;
const CALLS = 10_000;
const EXECS = 10_000;
/** Characters of what a machine says of itself; of its uid as much as when it joins. */
const TEXT = 256;
const UID = 128;
/** As long as a session's namespace and name may be together. */
const CALL_TEXT = 512;

/**
 * What is wrong with what a machine says of itself, as a sentence; `undefined` when nothing is. It is kept, and shown to
 * everybody who reads nodes.
 */
export function helloProblem({ node, calls, execs = [] }: Hello): string | undefined {
	const { uid, version, os, arch, isolation, osImage, kernelVersion, hostname, bootId, labels, taints, addresses, features = [] } = node;
	return (
		textProblem("uid", uid, UID) ??
		first(Object.entries({ version, os, arch, isolation, osImage, kernelVersion, hostname, bootId }), ([what, text]) =>
			textProblem(what, text, TEXT),
		) ??
		countProblem("labels", Object.keys(labels).length, LABELS) ??
		first(Object.entries(labels), ([key, value]) => pairProblem("label", key, value)) ??
		countProblem("taints", taints.length, TAINTS) ??
		first(taints, ({ key, value = "" }) => pairProblem("taint", key, value)) ??
		countProblem("addresses", addresses.length, ADDRESSES) ??
		first(addresses, ({ type, address }) => textProblem("type of an address", type, TEXT) ?? textProblem("address", address, TEXT)) ??
		countProblem("features", features.length, FEATURES) ??
		first(features, (feature) => textProblem("feature", feature, TEXT)) ??
		countProblem("calls", calls.length, CALLS) ??
		first(
			calls,
			({ callId, session }) => textProblem("id of a call", callId, CALL_TEXT) ?? textProblem("session of a call", session, CALL_TEXT),
		) ??
		countProblem("commands", execs.length, EXECS) ??
		first(execs, (id) => textProblem("id of a command", id, CALL_TEXT))
	);
}

function first<T>(things: readonly T[], problem: (thing: T) => string | undefined): string | undefined {
	for (const thing of things) {
		const found = problem(thing);
		if (found !== undefined) return found;
	}
	return undefined;
}

function pairProblem(what: "label" | "taint", key: string, value: string): string | undefined {
	const problem = qualifiedNameProblem(key) ?? labelValueProblem(value);
	const pair = `${key}=${value}`;
	return problem && `The node has the ${what} ${quoted(pair)}: ${problem}. Start it with other --${what}s.`;
}

function countProblem(what: string, count: number, most: number): string | undefined {
	return count > most ? `The node says that it has ${count} ${what}, and may have ${most}.` : undefined;
}

function textProblem(what: string, text: string | undefined, most: number): string | undefined {
	if (text === undefined) return undefined;
	if (text.length > most) return `The ${what} of the node has ${text.length} characters, and may have ${most}: ${quoted(text)}.`;
	return /\p{Cc}/u.test(text) ? `The ${what} of the node has control characters: ${quoted(text)}.` : undefined;
}

/** As JSON, so that nothing in it does anything to whoever reads it. */
function quoted(text: string): string {
	return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
