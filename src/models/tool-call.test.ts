import { describe, expect, it } from "vitest";
import { user } from "../../test/fakes/ask.ts";
import type { Message, ToolCall } from "./message.ts";
import { callInput, callInputText, wireCallId, withOwnIds } from "./tool-call.ts";

const call = (id: string): ToolCall => ({ type: "tool_call", id, name: "bash", arguments: "{}" });

describe("the id of a call on the wire", () => {
	it.each(["toolu_01A", "call_abc-DEF", "9"])("%s stays as it is", (id) => {
		expect(wireCallId(id)).toBe(id);
	});

	it.each(["functions.bash:0", "ruf 1", "ü", "x".repeat(41), ""])("%j becomes one that every provider takes", (id) => {
		expect(wireCallId(id)).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
		expect(wireCallId(id)).toBe(wireCallId(id));
	});

	it("keeps different ids apart", () => {
		const ids = Array.from({ length: 10_000 }, (_, n) => wireCallId(`functions.bash:${n}`));
		expect(new Set(ids).size).toBe(ids.length);
	});
});

describe("the arguments of a call", () => {
	it.each([
		["an object", '{"command":"ls"}', { command: "ls" }],
		["nothing", "", {}],
		["blanks", " \n", {}],
		["half an object", '{"command":', { invalid_json: '{"command":' }],
		["an array", "[1]", { invalid_json: "[1]" }],
		["a string", '"ls"', { invalid_json: '"ls"' }],
		["null", "null", { invalid_json: "null" }],
	])("as %s are replayed as an object", (_, raw, input) => {
		expect(callInput(raw)).toEqual(input);
		expect(JSON.parse(callInputText(raw))).toEqual(input);
	});

	it("are replayed byte for byte when they are valid", () => {
		expect(callInputText('{ "command" : "ls" }')).toBe('{ "command" : "ls" }');
	});
});

describe("the ids that calls get", () => {
	const before: Message[] = [user("go"), { role: "assistant", content: [call("call_0")] }, { role: "tool", results: [] }];
	const ids = (calls: ToolCall[], messages = before) => withOwnIds(calls, messages).map(({ id }) => id);

	it("are the provider's own where it gave some", () => {
		expect(ids([call("a"), call("b")])).toEqual(["a", "b"]);
	});

	it("follow from the place in the conversation where it gave none", () => {
		expect(ids([call(""), call("")])).toEqual(["call_3_0", "call_3_1"]);
		expect(ids([call(""), call("")])).toEqual(["call_3_0", "call_3_1"]);
	});

	it("are new where the provider used one before", () => {
		expect(ids([call("call_0")])).toEqual(["call_3_0"]);
		expect(ids([call("same"), call("same")])).toEqual(["same", "call_3_1"]);
	});

	it("are unique even when the provider counts in the same way", () => {
		const taken: Message[] = [user("go"), { role: "assistant", content: [call("call_2_0")] }];
		expect(ids([call("")], taken)).toEqual(["call_2_0_"]);
	});
});
