import { describe, expect, test } from "vitest";
import { ApiError, type Status } from "../../api/status.ts";
import { deleteOptions } from "./delete-options.ts";
import { listOptions } from "./list-options.ts";
import { wantsWatch, watchOptions } from "./watch-options.ts";
import { patchOptions, writeOptions } from "./write-options.ts";

const query = (text: string) => new URLSearchParams(text);
const KUBECTL = "kubectl/v1.32.4 (linux/amd64) kubernetes/59526cd";

function refusal(ask: () => unknown): Status {
	try {
		ask();
	} catch (error) {
		if (error instanceof ApiError) return error.status;
		throw error;
	}
	throw new Error("was accepted");
}

describe("a write", () => {
	const write = (text: string) => writeOptions("CreateOptions", query(text), KUBECTL);

	test("is real, warns of unknown fields, and is by the client's program, unless it says otherwise", () => {
		expect(write("")).toEqual({ dryRun: false, fieldManager: "kubectl", fieldValidation: "Warn" });
		expect(write("dryRun=All&fieldManager=me&fieldValidation=Strict")).toEqual({
			dryRun: true,
			fieldManager: "me",
			fieldValidation: "Strict",
		});
		expect(write("dryRun=&fieldValidation=&fieldManager=")).toEqual(write(""));
	});

	test.each([undefined, "", "/1.0"])("of the program %j is by somebody unknown", (userAgent) => {
		expect(writeOptions("CreateOptions", query(""), userAgent).fieldManager).toBe("unknown");
	});

	test.each([
		["dryRun=true", 'dryRun: Unsupported value: []string{"true"}: supported values: "All"'],
		["dryRun=All&dryRun=x", 'dryRun: Unsupported value: []string{"All", "x"}: supported values: "All"'],
		["fieldValidation=strict", 'fieldValidation: Unsupported value: "strict": supported values: "", "Ignore", "Strict", "Warn"'],
		[`fieldManager=${"x".repeat(129)}`, "fieldManager: Too long: may not be more than 128 bytes"],
		["fieldManager=a%07", 'fieldManager: Invalid value: "a\\u0007": invalid character U+0007 (at position 1)'],
	])("with %s is a 422 in Kubernetes' words", (text, message) => {
		expect(refusal(() => write(text))).toMatchObject({
			code: 422,
			reason: "Invalid",
			message: `CreateOptions.meta.k8s.io "" is invalid: ${message}`,
		});
	});
});

describe("a patch", () => {
	test("may take fields by force when it is applied, and says who applies it", () => {
		expect(patchOptions("apply", query("fieldManager=me&force=true"), KUBECTL)).toMatchObject({
			force: true,
			write: { fieldManager: "me" },
		});
		expect(refusal(() => patchOptions("apply", query(""), KUBECTL))).toMatchObject({
			code: 422,
			message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
		});
	});

	test("of another type has no force", () => {
		for (const force of ["true", "false"]) {
			expect(refusal(() => patchOptions("merge", query(`force=${force}`), KUBECTL))).toMatchObject({
				code: 422,
				message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
			});
		}
		expect(patchOptions("merge", query(""), KUBECTL)).toEqual({
			write: { dryRun: false, fieldManager: "kubectl", fieldValidation: "Warn" },
		});
	});
});

describe("a deletion", () => {
	test("says how in its body", () => {
		const body = {
			kind: "DeleteOptions",
			apiVersion: "v1",
			propagationPolicy: "Foreground",
			gracePeriodSeconds: 0,
			dryRun: ["All"],
			preconditions: { uid: "u", resourceVersion: "7" },
		};
		expect(deleteOptions(query("propagationPolicy=Orphan"), body)).toEqual({
			dryRun: true,
			propagationPolicy: "Foreground",
			gracePeriodSeconds: 0,
			preconditions: { uid: "u", resourceVersion: "7" },
		});
		expect(deleteOptions(query(""), { gracePeriodSeconds: null, preconditions: {} })).toEqual({ dryRun: false });
	});

	test("or in its query", () => {
		expect(deleteOptions(query("propagationPolicy=Background&gracePeriodSeconds=5&dryRun=All"), undefined)).toEqual({
			dryRun: true,
			propagationPolicy: "Background",
			gracePeriodSeconds: 5,
		});
		expect(deleteOptions(query("orphanDependents=true"), undefined)).toEqual({ dryRun: false, propagationPolicy: "Orphan" });
		expect(deleteOptions(query("orphanDependents=false"), undefined)).toEqual({ dryRun: false, propagationPolicy: "Background" });
	});

	test.each([
		[
			{ propagationPolicy: "Now" },
			422,
			'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Now": supported values: "Foreground", "Background", "Orphan", "nil"',
		],
		[
			{ propagationPolicy: "Orphan", orphanDependents: true },
			422,
			'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
		],
		[{ dryRun: ["x"] }, 422, 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"x"}: supported values: "All"'],
		[{ gracePeriodSeconds: "5" }, 400, expect.stringContaining("gracePeriodSeconds")],
		[{ kind: "Agent" }, 400, expect.stringContaining("kind")],
		[[], 400, expect.stringContaining("no DeleteOptions")],
	])("by %j is refused", (body, code, message) => {
		expect(refusal(() => deleteOptions(query(""), body))).toMatchObject({ code, message });
	});
});

describe("a list", () => {
	test("has the options that were given, and only those", () => {
		expect(listOptions(query(""))).toEqual({});
		expect(listOptions(query("limit=0&labelSelector=&continue="))).toEqual({});
		expect(
			listOptions(query("limit=5&labelSelector=a%3Db&fieldSelector=x%3Dy&resourceVersion=7&resourceVersionMatch=Exact&timeoutSeconds=1")),
		).toEqual({ limit: 5, labelSelector: "a=b", fieldSelector: "x=y", resourceVersion: "7", resourceVersionMatch: "Exact" });
	});

	test.each([
		["limit=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
		[
			"resourceVersionMatch=Exact",
			422,
			"resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
		],
		[
			"resourceVersionMatch=Exact&resourceVersion=7&continue=x",
			422,
			"resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
		],
		[
			"resourceVersionMatch=Exact&resourceVersion=0",
			422,
			'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
		],
		[
			"resourceVersionMatch=Old&resourceVersion=1",
			422,
			'resourceVersionMatch: Unsupported value: "Old": supported values: "Exact", "NotOlderThan", ""',
		],
		["sendInitialEvents=true", 422, "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"],
	])("with %s is refused in Kubernetes' words", (text, code, message) => {
		const prefix = code === 422 ? 'ListOptions.meta.k8s.io "" is invalid: ' : "";
		expect(refusal(() => listOptions(query(text)))).toMatchObject({ code, message: prefix + message });
	});
});

describe("a watch", () => {
	test.each([
		["watch=true", true],
		["watch=1", true],
		["watch=", true],
		["watch=false", false],
		["watch=0", false],
		["", false],
	])("is wanted with %j: %j", (text, wanted) => {
		expect(wantsWatch(query(text))).toBe(wanted);
	});

	test("has the options that were given", () => {
		expect(watchOptions(query("watch=true"))).toEqual({ allowWatchBookmarks: false, sendInitialEvents: false });
		expect(
			watchOptions(
				query("resourceVersion=7&allowWatchBookmarks=true&timeoutSeconds=30&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
			),
		).toEqual({ resourceVersion: "7", allowWatchBookmarks: true, sendInitialEvents: true, timeoutSeconds: 30 });
	});

	test.each([
		["sendInitialEvents=true", "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"],
		[
			"resourceVersionMatch=NotOlderThan",
			"resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
		],
	])("with %s is refused in Kubernetes' words", (text, message) => {
		expect(refusal(() => watchOptions(query(text)))).toMatchObject({
			code: 422,
			message: `ListOptions.meta.k8s.io "" is invalid: ${message}`,
		});
	});
});
