import { describe, expect, it } from "vitest";
import { isSafeName } from "./safe-name.ts";

describe("isSafeName", () => {
	it.each(["a", "default.chat-1", "01JD:run~3@x", "_x", "a".repeat(200)])("takes %j", (name) => expect(isSafeName(name)).toBe(true));

	it.each(["", ".", "..", ".hidden", "-rf", "a/b", "/etc", "a\\b", "a\0b", "a\nb", "a b", "ü", "a".repeat(201)])("refuses %j", (name) =>
		expect(isSafeName(name)).toBe(false),
	);
});
