import { expect, it } from "vitest";
import { invocation } from "./invocation.ts";

it.each([
	["npx", { npm_command: "exec", npm_lifecycle_event: "npx" }, "npx klaw"],
	["npm start", { npm_command: "start" }, "klaw"],
	["a shell", {}, "klaw"],
])("a command that %s started is called as it was", (_, env, expected) => {
	expect(invocation(env)).toBe(expected);
});
