import { describe, expect, it } from "vitest";
import { ApiError } from "../status.ts";
import { logOptions } from "./log-options.ts";

const NOW = Date.parse("2026-10-26T12:00:00Z");
const read = (query: string) => logOptions(new URLSearchParams(query), "p", NOW);

function refusal(query: string): [number, string] {
	try {
		read(query);
	} catch (error) {
		if (error instanceof ApiError) return [error.status.code, error.message];
		throw error;
	}
	throw new Error("was read");
}

describe("the options of a log", () => {
	it("are none by default", () => {
		expect(read("")).toEqual({ follow: false, previous: false, timestamps: false });
	});

	it("are read as kubectl sends them", () => {
		expect(read("container=agent&follow=true&limitBytes=9&sinceSeconds=60&tailLines=0&timestamps=1&previous=false")).toEqual({
			...{ container: "agent", follow: true, previous: false, timestamps: true },
			...{ tailLines: 0, limitBytes: 9, since: NOW - 60_000 },
		});
		expect(read("sinceTime=2026-10-26T13:00:00.5%2B02:00").since).toBe(Date.parse("2026-10-26T11:00:00.5Z"));
	});

	it.each([
		["tailLines=abc", 400, 'strconv.ParseInt: parsing "abc": invalid syntax'],
		["limitBytes=1.5", 400, 'strconv.ParseInt: parsing "1.5": invalid syntax'],
		["sinceTime=yesterday", 400, 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'],
		["sinceTime=2026-13-40T00:00:00Z", 400, /^parsing time/],
		["tailLines=-1", 422, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
		["limitBytes=0", 422, 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0'],
		["sinceSeconds=0", 422, 'PodLogOptions "p" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0'],
		[
			"sinceSeconds=1&sinceTime=2026-10-26T12:00:00Z",
			422,
			'PodLogOptions "p" is invalid: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
		],
	])("are refused in Kubernetes' words: %s", (query, code, message) => {
		expect(refusal(query)).toEqual([code, typeof message === "string" ? message : expect.stringMatching(message)]);
	});
});
