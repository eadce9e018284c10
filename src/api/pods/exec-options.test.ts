import { describe, expect, it } from "vitest";
import { execOptions } from "./exec-options.ts";

const read = (query: string) => execOptions(new URLSearchParams(query));

describe("the options of exec", () => {
	it("are read as kubectl sends them", () => {
		expect(read("command=ls&command=-l&command=&container=agent&stdout=true&stderr=true")).toEqual({
			...{ command: ["ls", "-l", ""], container: "agent" },
			...{ stdin: false, stdout: true, stderr: true, tty: false },
		});
	});

	it("have no stderr of a terminal, which has one output", () => {
		expect(read("command=sh&stdin=true&stdout=true&stderr=true&tty=true")).toMatchObject({
			tty: true,
			stdin: true,
			stdout: true,
			stderr: false,
		});
	});

	it.each([
		["stdout=true", "you must specify at least one command for the container"],
		["command=&stdout=true", "you must specify at least one command for the container"],
		["command=ls", "you must specify at least 1 of stdin, stdout, stderr"],
		["command=a%00b&stdout=true", "The command holds a NUL character"],
		[`command=${"x".repeat(70_000)}&stdout=true`, "longer than 65536 bytes"],
	])("are refused: %s", (query, message) => {
		expect(() => read(query)).toThrow(message);
	});
});
